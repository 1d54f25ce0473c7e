#include "oidc/machine_tokens.h"

#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "oidc/assertion.h"
#include "oidc/clients.h"
#include "oidc/issuer.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {

Result<user::User> prove_machine(const GrantContext& context, std::string_view assertion) {
    const auto instance = context.issuer.scope;
    UserId owner;
    const auto keys = [&](std::string_view kid) -> Result<std::optional<AssertionKey>> {
        auto key = TRY(context.services.machines.find_key(instance, kid));
        if (!key) return std::nullopt;
        owner = key->user;
        return AssertionKey{std::move(key->user_id), std::move(key->spki)};
    };
    const auto proved = check_assertion(context.services, context.issuer, assertion, keys);
    if (!proved) {
        if (proved.error().code != Code::invalid_argument) return std::unexpected(proved.error());
        return oauth_fail(kInvalidGrant, proved.error().message);
    }
    auto machine = TRY(context.services.users.find(user::Ref::of(instance, owner)));
    if (!machine || machine->state != user::State::active) return oauth_fail(kInvalidGrant, "the user is not active");
    return *std::move(machine);
}

Result<user::User> authenticate_machine(const Services& services, InstanceScope scope, const ClientCredentials& credentials) {
    auto machine = TRY(services.users.find_by_login_name(scope, credentials.client_id));
    if (!machine || machine->kind() != user::Kind::machine || machine->state != user::State::active)
        return oauth_fail(kInvalidClient, "client not found");
    if (!TRY(services.machines.verify_secret(scope, machine->id, credentials.secret))) return oauth_fail(kInvalidClient, "invalid secret");
    return *std::move(machine);
}

Result<JsonObject> issue_for_machine(const GrantContext& context, const user::User& machine, std::vector<std::string> amr) {
    Issuance issuance;
    issuance.scopes = parse_scopes(context.parameters.get("scope"));
    if (issuance.scopes.empty())
        return oauth_fail(kInvalidRequest,
                          "The scope of your request is missing. Please ensure some scopes are requested. If you have any questions, you "
                          "may contact the administrator of the application.");
    issuance.asked_scopes = issuance.scopes;
    // RFC 6749 section 4.4.3: no refresh token; the machine has its secret or key.
    std::erase(issuance.scopes, scope::kOfflineAccess);
    issuance.client_id = machine.name;
    issuance.jwt_access_token = machine.machine()->token_kind == user::TokenKind::jwt;
    issuance.user = machine;
    issuance.audience = TRY(context.clients.project_audience(context.issuer.scope, issuance.scopes));
    if (issuance.audience.empty()) issuance.audience = {issuance.client_id};
    issuance.amr = std::move(amr);
    issuance.jkt = context.jkt;
    issuance.auth_time = context.services.clock.now();
    return context.token_issuer.issue(context.issuer, issuance);
}

}  // namespace godwit::oidc
