// Authentication context classes: what a client may ask of a sign-in besides that it happened (OpenID Connect Core sections 2 and 5.5.1.1).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "oidc/claims_request.h"

namespace godwit::oidc {

namespace acr {
inline constexpr std::string_view kOneFactor = "urn:godwit:acr:1fa";
inline constexpr std::string_view kTwoFactors = "urn:godwit:acr:2fa";  ///< `amr` has "mfa"
inline constexpr std::array kAll = {kOneFactor, kTwoFactors};
}  // namespace acr

/// The class to tell of a sign-in with these methods: the first of those asked for that it reaches, else the highest it reaches; "" for
/// a sign-in without any.
std::string acr_of(std::span<const std::string> amr, const ClaimRequest& wish);

/// False when an essential acr was asked for (5.5.1.1) that these methods do not reach.
bool meets_acr(std::span<const std::string> amr, const ClaimsRequest& claims);

/// Whether any sign-in here could meet what is essential.
bool can_meet_acr(const ClaimsRequest& claims);

}  // namespace godwit::oidc
