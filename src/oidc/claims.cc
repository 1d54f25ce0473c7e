#include "oidc/claims.h"

#include <array>

#include "oidc/scope.h"

namespace godwit::oidc {
namespace {

constexpr std::array kSources = {
    ClaimSource{ClaimKind::standard, add_profile_claims},      ClaimSource{ClaimKind::standard, add_email_claims},
    ClaimSource{ClaimKind::standard, add_phone_claims},        ClaimSource{ClaimKind::reserved, add_resource_owner_claims},
    ClaimSource{ClaimKind::reserved, add_organization_claims}, ClaimSource{ClaimKind::reserved, add_metadata_claims},
    ClaimSource{ClaimKind::reserved, add_role_claims},
};

Result<JsonObject> from_sources(const ClaimsInput& input, bool standard, bool reserved) {
    JsonObject out;
    for (const auto& source : kSources)
        if (source.kind == ClaimKind::standard ? standard : reserved) TRY(source.add(input, out));
    return out;
}

/// Every claim that can be asked for by name.
Result<JsonObject> standard_claims(ClaimsInput input) {
    static const std::array<std::string, 3> kScopes = {std::string(scope::kProfile), std::string(scope::kEmail),
                                                       std::string(scope::kPhone)};
    input.scopes = kScopes;
    return from_sources(input, true, false);
}

}  // namespace

Result<JsonObject> collect_claims(const ClaimsInput& input, ClaimSet set) {
    auto out = TRY(from_sources(input, set == ClaimSet::all, true));
    if (input.requested.empty()) return out;
    const auto known = TRY(standard_claims(input));
    for (const auto& claim : input.requested) {
        const auto json = known.find(claim.name);
        if (json.empty()) continue;
        if (claim.accepts(json)) {
            out.set_json(claim.name, std::string(json));
        } else {
            out.remove(claim.name);
        }
    }
    return out;
}

}  // namespace godwit::oidc
