#include "oidc/purge.h"

#include <chrono>

#include "store/store.h"

namespace godwit::oidc {

Result<std::int64_t> purge_expired(store::Store& store, InstanceScope scope) {
    return store.write(store::Database::runtime, [&](store::Writer& db) -> Result<std::int64_t> {
        const auto now = db.now();
        // A used code stays for a while, so that its second use is noticed; a family, until the access tokens it can revoke are over.
        const auto an_hour_ago = now - std::chrono::hours(1), two_days_ago = now - std::chrono::hours(48);
        std::int64_t gone = 0;
        gone += TRY(db.exec(scope,
                            "DELETE FROM auth_requests WHERE instance_no = ?1 AND id IN "
                            "(SELECT id FROM auth_requests WHERE instance_no = ?1 AND expires_at < ?2 LIMIT 1000)",
                            {an_hour_ago}));
        gone += TRY(db.exec(scope,
                            "DELETE FROM token_families WHERE instance_no = ?1 AND id IN (SELECT id FROM token_families "
                            "WHERE instance_no = ?1 AND (absolute_until < ?2 OR idle_until < ?2 OR revoked_at < ?2) LIMIT 1000)",
                            {two_days_ago}));
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

}  // namespace godwit::oidc
