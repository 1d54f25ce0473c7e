#include "oidc/purge.h"

#include <chrono>
#include <vector>

#include "base/time.h"
#include "store/store.h"

namespace godwit::oidc {

Result<std::int64_t> purge_expired(store::Store& store, InstanceScope scope) {
    return store.write(store::Database::runtime, [&](store::Writer& db) -> Result<std::int64_t> {
        const auto now = db.now();
        // A used code stays for a while, so that its second use is noticed.
        const auto an_hour_ago = now - std::chrono::hours(1);
        std::int64_t gone = 0;
        gone += TRY(db.exec(scope,
                            "DELETE FROM auth_requests WHERE instance_no = ?1 AND id IN "
                            "(SELECT id FROM auth_requests WHERE instance_no = ?1 AND expires_at < ?2 LIMIT 1000)",
                            {an_hour_ago}));
        gone += TRY(db.exec(scope,
                            "DELETE FROM revoked_tokens WHERE instance_no = ?1 AND jti IN "
                            "(SELECT jti FROM revoked_tokens WHERE instance_no = ?1 AND expires_at < ?2 LIMIT 1000)",
                            {now}));
        gone += TRY(db.exec(scope,
                            "DELETE FROM seen_once WHERE instance_no = ?1 AND kind IN (1, 2) AND hash IN "
                            "(SELECT hash FROM seen_once WHERE instance_no = ?1 AND kind IN (1, 2) AND expires_at < ?2 LIMIT 1000)",
                            {now}));
        return gone;
    });
}

Result<std::int64_t> purge_families(store::Store& store, const Clock& clock, InstanceScope scope) {
    // It stays until the access tokens that it can revoke are over.
    const auto two_days_ago = clock.now() - std::chrono::hours(48);
    // Looked for outside the write, for which sign-ins wait: those that live are passed over.
    std::vector<std::int64_t> over;
    TRY(store.read(store::Database::runtime, [&](store::Reader& db) {
        over.clear();
        return db.query(scope,
                        "SELECT id FROM token_families WHERE instance_no = ?1 AND "
                        "(absolute_until < ?2 OR idle_until < ?2 OR revoked_at < ?2) LIMIT 1000",
                        {two_days_ago}, [&](const store::Row& row) { over.push_back(row.i64(0)); });
    }));
    if (over.empty()) return 0;
    return store.write(store::Database::runtime, [&](store::Writer& db) -> Result<std::int64_t> {
        std::int64_t gone = 0;
        for (const std::int64_t id : over)
            gone += TRY(db.exec(scope, "DELETE FROM token_families WHERE instance_no = ?1 AND id = ?2", {id}));
        return gone;
    });
}

}  // namespace godwit::oidc
