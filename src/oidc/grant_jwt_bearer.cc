// RFC 7523 section 2.1, by a machine user with a key ("JWT profile"): the assertion is the grant and the proof in one.
#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "oidc/assertion.h"
#include "oidc/grant.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {

Result<JsonObject> jwt_bearer_grant(const GrantContext& context) {
    const auto instance = context.issuer.scope;
    const auto assertion = context.parameters.get("assertion");
    if (assertion.empty()) return oauth_fail(kInvalidRequest, "assertion missing");

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
    const auto machine = TRY(context.services.users.find(user::Ref::of(instance, owner)));
    if (!machine || machine->state != user::State::active) return oauth_fail(kInvalidGrant, "the user is not active");
    return issue_for_machine(context, *machine, {});
}

}  // namespace godwit::oidc
