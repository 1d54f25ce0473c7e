#include "directory/org/metadata.h"

#include "directory/org/orgs.h"
#include "store/store.h"

namespace godwit::org {
namespace {

using directory::Change;
using directory::Listed;
using directory::Metadatum;
using store::Database;

Result<Org> must_find(store::Reader& db, const OrgScope& scope) {
    auto found = TRY(find_org(db, scope));
    if (!found) return fail(Code::not_found, "QUERY-iTTGJ", "Organisation not found");
    return *std::move(found);
}

directory::MetadataOwner owner_of(const Org& org) { return {org.key.key, org.stamp.sequence, org.id}; }

/// One event a key, and the organization's new version; no change at all without keys.
Result<Change> record(store::Writer& db, const OrgScope& scope, const Org& org, std::span<const std::string> keys, std::string_view type,
                      const store::Editor& editor) {
    if (keys.empty()) return Change{.at = org.stamp.changed, .sequence = org.stamp.sequence, .resource_owner = org.id};
    Change change{.at = db.now(), .sequence = 0, .resource_owner = org.id};
    TRY(db.query(scope.instance(),
                 "UPDATE organizations SET version = version + 1, changed_at = ?3 WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                 {org.key, db.now()}, [&](const store::Row& row) { change.sequence = row.i64(0); }));
    std::vector<store::Event> events;
    for (const std::string& key : keys)
        events.push_back(store::event_of(editor, "org", org.key.key, type, org.key, store::EventBody().add("key", key).take()));
    TRY(db.append(scope.instance(), events));
    return change;
}

}  // namespace

Result<Listed<Metadatum>> Metadata::list(const OrgScope& scope, std::span<const directory::TextFilter> keys,
                                         const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Listed<Metadatum>> {
        const Org org = TRY(must_find(db, scope));
        return directory::list_metadata(db, scope.instance(), owner_of(org), keys, page);
    });
}

Result<Metadatum> Metadata::get(const OrgScope& scope, std::string_view key) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Metadatum> {
        const Org org = TRY(must_find(db, scope));
        return directory::get_metadatum(db, scope.instance(), owner_of(org), key);
    });
}

Result<Change> Metadata::set(const OrgScope& scope, std::span<const directory::MetadataEntry> entries, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Org org = TRY(must_find(db, scope));
        const auto keys = TRY(directory::put_metadata(db, scope.instance(), org.key.key, entries));
        return record(db, scope, org, keys, "org.metadata.set", editor);
    });
}

Result<Change> Metadata::remove(const OrgScope& scope, std::span<const std::string> keys, const Error& missing,
                                const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Org org = TRY(must_find(db, scope));
        TRY(directory::drop_metadata(db, scope.instance(), org.key.key, keys, missing));
        return record(db, scope, org, keys, "org.metadata.removed", editor);
    });
}

}  // namespace godwit::org
