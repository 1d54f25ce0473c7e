#include "directory/object/metadata.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/unicode.h"
#include "store/store.h"

namespace godwit::directory {
namespace {

Metadatum read_row(const store::Row& row, const MetadataOwner& owner) {
    return {.key = std::string(row.text(0)),
            .value = std::string(row.blob(1)),
            .stamp = {row.time(2), row.time(3), owner.sequence},
            .resource_owner = owner.resource_owner};
}

constexpr std::string_view kColumns = "name, value, created_at, changed_at";

std::unexpected<Error> no_entries() { return fail(Code::failed_precondition, "META-9mm2d", "Metadata list is empty"); }

/// The owner's keys that match a filter which no column can decide: keys have no folded form.
Result<std::vector<std::string>> matching_keys(store::Reader& db, InstanceScope scope, std::int64_t owner, const TextFilter& filter) {
    std::vector<std::string> keys;
    TRY(db.query(scope, "SELECT name FROM metadata WHERE instance_no = ?1 AND owner_id = ?2", {owner}, [&](const store::Row& row) {
        if (store::text_matches(row.text(0), filter.method, filter.text)) keys.emplace_back(row.text(0));
    }));
    return keys;
}

}  // namespace

Result<void> accept_metadata(std::string_view key, std::string_view value) {
    const bool well_formed = !key.empty() && is_valid_utf8(key) && !has_control_characters(key) && code_points(key) <= 200 &&
                             !value.empty() && value.size() <= 500'000;
    if (!well_formed)
        return fail(Code::invalid_argument, "META-ds3Kj", "metadata have a key of 1 to 200 characters and a value of 1 to 500,000 bytes");
    return {};
}

Result<Listed<Metadatum>> list_metadata(store::Reader& db, InstanceScope scope, const MetadataOwner& owner,
                                        std::span<const TextFilter> keys, const store::Page& page) {
    Listed<Metadatum> listed;
    store::Bindings b;
    std::vector<std::string> conditions{"instance_no = ?1", "owner_id = " + b.bind(owner.id)};
    for (const TextFilter& filter : keys) {
        conditions.push_back(store::ignores_case(filter.method)
                                 ? store::in_condition(b, "name", TRY(matching_keys(db, scope, owner.id, filter)))
                                 : store::text_condition(b, {"name", ""}, filter.method, filter.text));
    }
    store::Page by_key = page;
    by_key.ascending = true;
    listed.total = TRY(store::run_list(
        db, scope, {.columns = std::string(kColumns), .from = "metadata", .where = store::all_of(conditions), .order_by = "name"}, b,
        by_key, [&](const store::Row& row) { listed.rows.push_back(read_row(row, owner)); }));
    return listed;
}

Result<Metadatum> get_metadatum(store::Reader& db, InstanceScope scope, const MetadataOwner& owner, std::string_view key) {
    std::optional<Metadatum> found;
    TRY(db.query(scope, "SELECT " + std::string(kColumns) + " FROM metadata WHERE instance_no = ?1 AND owner_id = ?2 AND name = ?3",
                 {owner.id, key}, [&](const store::Row& row) { found = read_row(row, owner); }));
    if (!found) return fail(Code::not_found, "QUERY-Rgh32", "Metadata not found");
    return *std::move(found);
}

Result<std::vector<std::string>> put_metadata(store::Writer& db, InstanceScope scope, std::int64_t owner,
                                              std::span<const MetadataEntry> entries) {
    if (entries.empty()) return no_entries();
    std::map<std::string_view, std::string_view> last;
    for (const auto& [key, value] : entries) {
        TRY(accept_metadata(key, value));
        last[key] = value;
    }
    std::vector<std::string> changed;
    for (const auto& [key, value] : last) {
        const auto rows = TRY(db.exec(scope,
                                      "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) "
                                      "VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (instance_no, owner_id, name) DO UPDATE "
                                      "SET value = excluded.value, changed_at = excluded.changed_at WHERE metadata.value <> excluded.value",
                                      {owner, key, store::Blob{value}, db.now()}));
        if (rows > 0) changed.emplace_back(key);
    }
    return changed;
}

Result<void> drop_metadata(store::Writer& db, InstanceScope scope, std::int64_t owner, std::span<const std::string> keys,
                           const Error& missing) {
    if (keys.empty()) return no_entries();
    for (const std::string& key : std::set(keys.begin(), keys.end())) {
        if (TRY(db.exec(scope, "DELETE FROM metadata WHERE instance_no = ?1 AND owner_id = ?2 AND name = ?3", {owner, key})) == 0)
            return fail(missing);
    }
    return {};
}

}  // namespace godwit::directory
