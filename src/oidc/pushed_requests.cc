#include "oidc/pushed_requests.h"

#include "base/url.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr std::int64_t kPushed = 2;  // auth_requests.kind

}  // namespace

Result<std::string> keep_pushed(const Services& services, InstanceScope scope, AppId app, const Parameters& parameters) {
    const auto reference = crypto::random_token();
    const auto hash = crypto::sha256(reference);
    const auto body = build_query(parameters.all());
    TRY(services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        const auto expires = db.now() + kPushedTime;
        TRY(db.exec(scope,
                    "INSERT INTO auth_requests (instance_no, id, kind, app_id, body, code_sha256, code_expires_at, created_at, expires_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7)",
                    {db.new_id(), kPushed, app, store::Blob{body}, store::Blob{hash}, expires, db.now()}));
        return {};
    }));
    return std::string(kPushedPrefix) + reference;
}

Result<std::optional<Parameters>> take_pushed(const Services& services, InstanceScope scope, AppId app, std::string_view request_uri) {
    if (!request_uri.starts_with(kPushedPrefix)) return std::nullopt;
    const auto hash = crypto::sha256(request_uri.substr(kPushedPrefix.size()));
    std::optional<std::string> body;
    TRY(services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        body.reset();
        const auto taken =
            TRY(db.exec(scope,
                        "UPDATE auth_requests SET code_used_at = ?3 WHERE instance_no = ?1 AND code_sha256 = ?2 AND kind = ?4 "
                        "AND app_id = ?5 AND code_used_at IS NULL AND code_expires_at > ?3",
                        {store::Blob{hash}, db.now(), kPushed, app}));
        if (taken == 0) return {};
        TRY(db.query(scope, "SELECT body FROM auth_requests WHERE instance_no = ?1 AND code_sha256 = ?2", {store::Blob{hash}},
                     [&](const store::Row& row) { body = row.blob(0); }));
        return {};
    }));
    if (!body) return std::nullopt;
    return TRY(Parameters::parse(*body));
}

}  // namespace godwit::oidc
