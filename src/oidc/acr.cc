#include "oidc/acr.h"

#include <algorithm>

#include "base/encoding.h"

namespace godwit::oidc {
namespace {

bool reaches(std::span<const std::string> amr, std::string_view wanted) {
    if (wanted == acr::kTwoFactors) return std::ranges::find(amr, "mfa") != amr.end();
    return wanted == acr::kOneFactor && !amr.empty();
}

const ClaimRequest* essential_acr(const ClaimsRequest& claims) {
    const auto* wish = claims.in_id_token("acr");
    return wish && wish->essential && !wish->values.empty() ? wish : nullptr;
}

}  // namespace

std::string acr_of(std::span<const std::string> amr, const ClaimRequest& wish) {
    for (const auto& value : wish.values)
        for (const auto one : acr::kAll)
            if (value == json_string(one) && reaches(amr, one)) return std::string(one);
    if (reaches(amr, acr::kTwoFactors)) return std::string(acr::kTwoFactors);
    return reaches(amr, acr::kOneFactor) ? std::string(acr::kOneFactor) : std::string();
}

bool meets_acr(std::span<const std::string> amr, const ClaimsRequest& claims) {
    const auto* wish = essential_acr(claims);
    return !wish || wish->accepts(json_string(acr_of(amr, *wish)));
}

bool can_meet_acr(const ClaimsRequest& claims) {
    const auto* wish = essential_acr(claims);
    return !wish || std::ranges::any_of(acr::kAll, [&](std::string_view one) { return wish->accepts(json_string(one)); });
}

}  // namespace godwit::oidc
