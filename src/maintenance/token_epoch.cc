#include "maintenance/token_epoch.h"

#include <algorithm>
#include <vector>

#include "directory/instance/instances.h"
#include "store/editor.h"
#include "store/event_body.h"

namespace godwit::maintenance {
namespace {

using store::Database;

Result<std::vector<InstanceScope>> instances_of(store::Store& store) {
    return store.read(Database::directory, [](store::Reader& db) -> Result<std::vector<InstanceScope>> {
        std::vector<InstanceScope> scopes;
        TRY(db.system_query("SELECT instance_no FROM instances ORDER BY instance_no", {}, [&](const store::Row& row) {
            scopes.push_back(InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))}));
        }));
        return scopes;
    });
}

/// What was made by a clock ahead of ours is over as well.
Result<Time> last_event(store::Store& store, Database database, InstanceScope scope) {
    return store.read(database, [&](store::Reader& db) -> Result<Time> {
        Time last;
        TRY(db.query(scope, "SELECT created_at FROM events WHERE instance_no = ?1 ORDER BY tx DESC, pos DESC LIMIT 1", {},
                     [&](const store::Row& row) { last = row.time(0); }));
        return last;
    });
}

Result<void> raise(store::Writer& db, InstanceScope scope, Time epoch, bool keep_personal) {
    std::int64_t id = 0;
    TRY(db.query(scope, "UPDATE instances SET token_epoch = ?2, version = version + 1, changed_at = ?3 WHERE instance_no = ?1 RETURNING id",
                 {epoch, db.now()}, [&](const store::Row& row) { id = row.i64(0); }));
    // A code that was used, or replaced, must not work a second time.
    TRY(db.exec(scope, "DELETE FROM user_codes WHERE instance_no = ?1", {}));
    if (!keep_personal)
        TRY(db.exec(scope, "UPDATE access_pats SET revoked_at = ?2 WHERE instance_no = ?1 AND revoked_at IS NULL", {epoch}));
    const store::Editor editor{.user = {}, .service = "Maintenance", .request_id = {}};
    TRY(db.append(scope, store::event_of(editor, "instance", id, "instance.tokens.ended", OrgId{},
                                         store::EventBody().add("personalAccessTokens", !keep_personal).take())));
    return instance::raise_config_version(db, scope);
}

}  // namespace

Result<void> raise_token_epoch(store::Store& store, bool keep_personal) {
    for (const InstanceScope scope : TRY(instances_of(store))) {
        const Time last = std::max(TRY(last_event(store, Database::directory, scope)), TRY(last_event(store, Database::runtime, scope)));
        TRY(store.write(Database::directory, [&](store::Writer& db) { return raise(db, scope, std::max(db.now(), last), keep_personal); }));
        TRY(store.write(Database::runtime,
                        [&](store::Writer& db) { return db.exec(scope, "DELETE FROM auth_requests WHERE instance_no = ?1", {}); }));
    }
    return {};
}

}  // namespace godwit::maintenance
