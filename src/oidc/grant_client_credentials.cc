// RFC 6749 section 4.4, by a machine user: its user name is the client id. Nothing is written.
#include <algorithm>

#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "oidc/client_auth.h"
#include "oidc/grant.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"

namespace godwit::oidc {

Result<JsonObject> client_credentials_grant(const GrantContext& context) {
    const auto instance = context.issuer.scope;
    const auto credentials = TRY(read_credentials(context.request, context.parameters));
    if (credentials.kind != ClientCredentials::Kind::secret) return oauth_fail(kInvalidClient, "client_secret missing");

    const auto machine = TRY(context.services.users.find_by_login_name(instance, credentials.client_id));
    if (!machine || machine->kind() != user::Kind::machine || machine->state != user::State::active)
        return oauth_fail(kInvalidClient, "client not found");
    if (!TRY(context.services.machines.verify_secret(instance, machine->id, credentials.secret)))
        return oauth_fail(kInvalidClient, "invalid secret");
    return issue_for_machine(context, *machine, {"pwd"});
}

}  // namespace godwit::oidc
