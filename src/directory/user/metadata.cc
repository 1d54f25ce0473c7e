#include "directory/user/metadata.h"

#include "directory/user/row.h"
#include "store/store.h"

namespace godwit::user {
namespace {

using directory::Change;
using directory::Listed;
using directory::Metadatum;

directory::MetadataOwner owner_of(const UserRow& row) { return {row.user.id.key, row.user.stamp.sequence, row.user.org_id}; }

/// One event a key, and the user's new version; no change at all without keys.
Result<Change> record(store::Writer& db, const Ref& ref, const UserRow& row, std::span<const std::string> keys, std::string_view type,
                      const store::Editor& editor) {
    if (keys.empty()) return Change{.at = row.user.stamp.changed, .sequence = row.user.stamp.sequence, .resource_owner = row.user.org_id};
    std::vector<Happened> events;
    for (const std::string& key : keys) events.push_back({type, store::EventBody().add("key", key).take()});
    return apply(db, ref.instance, row, editor, "", {}, events);
}

Result<Change> put(store::Writer& db, const Ref& ref, const UserRow& row, std::span<const directory::MetadataEntry> entries,
                   const store::Editor& editor) {
    const auto keys = TRY(directory::put_metadata(db, ref.instance, row.user.id.key, entries));
    return record(db, ref, row, keys, "user.metadata.set", editor);
}

}  // namespace

Result<Listed<Metadatum>> Metadata::list(const Ref& ref, std::span<const directory::TextFilter> keys, const store::Page& page) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<Listed<Metadatum>> {
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return Listed<Metadatum>();
        return directory::list_metadata(db, ref.instance, owner_of(*row), keys, page);
    });
}

Result<Metadatum> Metadata::get(const Ref& ref, std::string_view key) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<Metadatum> {
        const UserRow row = TRY(get_row(db, ref, {Code::not_found, "QUERY-Rgh32", "Metadata not found"}));
        return directory::get_metadatum(db, ref.instance, owner_of(row), key);
    });
}

Result<Change> Metadata::set(const Ref& ref, std::span<const directory::MetadataEntry> entries, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-uXHNj"),
                  [&](store::Writer& db, const UserRow& row) { return put(db, ref, row, entries, editor); });
}

Result<Change> Metadata::set(store::Writer& db, const Ref& ref, std::span<const directory::MetadataEntry> entries,
                             const store::Editor& editor) {
    return put(db, ref, TRY(get_row(db, ref, no_user("COMMAND-uXHNj"))), entries, editor);
}

Result<Change> Metadata::remove(const Ref& ref, std::span<const std::string> keys, const Error& missing, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-uXHNj"), [&](store::Writer& db, const UserRow& row) -> Result<Change> {
        TRY(directory::drop_metadata(db, ref.instance, row.user.id.key, keys, missing));
        return record(db, ref, row, keys, "user.metadata.removed", editor);
    });
}

}  // namespace godwit::user
