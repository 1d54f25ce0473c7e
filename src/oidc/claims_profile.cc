// Scope profile (OpenID Connect Core section 5.4).
#include "oidc/claims.h"
#include "oidc/scope.h"

namespace godwit::oidc {
namespace {

std::string_view gender_text(user::Gender gender) {
    switch (gender) {
        case user::Gender::female:
            return "female";
        case user::Gender::male:
            return "male";
        case user::Gender::diverse:
            return "diverse";
        case user::Gender::unspecified:
            return "";
    }
    return "";
}

}  // namespace

Result<void> add_profile_claims(const ClaimsInput& input, JsonObject& out) {
    if (!has_scope(input.scopes, scope::kProfile)) return {};
    out.set_if("name", input.user.display_name());
    if (const auto* human = input.user.human()) {
        const auto& profile = human->profile;
        out.set_if("given_name", profile.first_name);
        out.set_if("family_name", profile.last_name);
        out.set_if("nickname", profile.nick_name);
        out.set_if("gender", gender_text(profile.gender));
        out.set_if("picture", profile.avatar_url());
        if (profile.language != "und") out.set_if("locale", profile.language);
    }
    out.set_if("preferred_username", input.user.preferred_login_name);
    out.set("updated_at", input.user.stamp.changed.seconds());
    return {};
}

}  // namespace godwit::oidc
