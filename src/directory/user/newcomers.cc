#include "directory/user/newcomers.h"

#include "store/store.h"

namespace godwit::user {

Result<void> note_signed_in(store::Store& store, InstanceScope instance, UserId user) {
    // Sources of migrations have numbers from 16 on; states 2 (no secret) and 3 (arrived) become 4.
    constexpr std::string_view kNewcomer = "instance_no = ?1 AND object_id = ?2 AND kind = 1 AND source_no >= 16 AND state IN (2, 3)";
    const auto found = TRY(store.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(instance, "SELECT 1 FROM external_refs WHERE " + std::string(kNewcomer) + " LIMIT 1", {user},
                        [](const store::Row&) {});
    }));
    if (found == 0) return {};
    return store.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(instance, "UPDATE external_refs SET state = 4 WHERE " + std::string(kNewcomer), {user}));
        return {};
    });
}

}  // namespace godwit::user
