// Methods client_secret_basic and client_secret_post (RFC 6749 section 2.3.1). A secret is taken by either way: clients of the contract
// rely on it, and both carry the same proof.
#include "base/log.h"
#include "directory/app/apps.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {

Result<Client> authenticate_by_secret(const ClientAuthContext& context) {
    auto client = TRY(context.clients.find(context.issuer.scope, context.credentials.client_id));
    if (!client) return oauth_fail(kInvalidClient, "no active client not found");
    if (client->secret.empty()) return oauth_fail(kInvalidClient, "this client has no secret");
    const auto right = application::verify_secret(client->secret, context.credentials.secret);
    if (!right) log::warn("oidc: a client's imported secret hash cannot be checked", {{"client", client->client_id}});
    if (!right.value_or(false)) return oauth_fail(kInvalidClient, "invalid secret");
    return *std::move(client);
}

}  // namespace godwit::oidc
