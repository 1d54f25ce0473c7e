// Method private_key_jwt (OpenID Connect Core section 9, RFC 7523 section 2.2).
#include "directory/app/apps.h"
#include "oidc/assertion.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"

namespace godwit::oidc {

Result<Client> authenticate_by_assertion(const ClientAuthContext& context) {
    const auto scope = context.issuer.scope;
    const auto keys = [&](std::string_view kid) -> Result<std::optional<AssertionKey>> {
        auto owner = TRY(context.services.apps.find_key(scope, kid));
        if (!owner || owner->expires <= context.services.clock.now()) return std::nullopt;
        return AssertionKey{std::move(owner->client_id), std::move(owner->spki)};
    };
    const auto proved = check_assertion(context.services, context.issuer, context.credentials.assertion, keys);
    if (!proved) {
        if (proved.error().code != Code::invalid_argument) return std::unexpected(proved.error());
        return oauth_fail(kInvalidClient, proved.error().message);
    }
    const auto& named = context.credentials.client_id;
    if (!named.empty() && named != *proved) return oauth_fail(kInvalidClient, "client_id differs from the assertion's sub");
    auto client = TRY(context.clients.find(scope, *proved));
    if (!client || client->auth_method != ClientAuthMethod::private_key_jwt)
        return oauth_fail(kInvalidClient, "no active client not found");
    return *std::move(client);
}

}  // namespace godwit::oidc
