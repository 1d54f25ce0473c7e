#include "oidc/claims.h"

#include <array>

namespace godwit::oidc {
namespace {

constexpr std::array kSources = {
    ClaimSource{ClaimKind::standard, add_profile_claims},      ClaimSource{ClaimKind::standard, add_email_claims},
    ClaimSource{ClaimKind::standard, add_phone_claims},        ClaimSource{ClaimKind::reserved, add_resource_owner_claims},
    ClaimSource{ClaimKind::reserved, add_organization_claims}, ClaimSource{ClaimKind::reserved, add_metadata_claims},
    ClaimSource{ClaimKind::reserved, add_role_claims},
};

}  // namespace

Result<JsonObject> collect_claims(const ClaimsInput& input, ClaimSet set) {
    JsonObject out;
    for (const auto& source : kSources)
        if (set == ClaimSet::all || source.kind == ClaimKind::reserved) TRY(source.add(input, out));
    return out;
}

}  // namespace godwit::oidc
