// RFC 6749 section 4.4, by a machine user: its user name is the client id. Nothing is written.
#include "oidc/client_auth.h"
#include "oidc/grant.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"

namespace godwit::oidc {

Result<JsonObject> client_credentials_grant(const GrantContext& context) {
    const auto credentials = TRY(read_credentials(context.services.rules, context.request, context.parameters));
    if (credentials.kind != ClientCredentials::Kind::secret) return oauth_fail(kInvalidClient, "client_secret missing");
    return issue_for_machine(context, TRY(authenticate_machine(context.services, context.issuer.scope, credentials)), {"pwd"});
}

}  // namespace godwit::oidc
