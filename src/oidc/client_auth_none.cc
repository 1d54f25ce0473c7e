// Method "none": a public client only names itself; PKCE protects its codes (OpenID Connect Core section 9).
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {

Result<Client> authenticate_public(const ClientAuthContext& context) {
    auto client = TRY(context.clients.find(context.issuer.scope, context.credentials.client_id));
    if (!client) return oauth_fail(kInvalidClient, "no active client not found");
    if (!client->is_public()) return oauth_fail(kInvalidClient, "this client must authenticate");
    return *std::move(client);
}

}  // namespace godwit::oidc
