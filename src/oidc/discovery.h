// OpenID Connect Discovery 1.0 section 3: what the provider says of itself. Only what it does is in it.
#pragma once

#include <span>
#include <string>

#include "oidc/issuer.h"
#include "oidc/services.h"

namespace godwit::oidc {

/// `signing_algorithms` are those of the instance's keys.
std::string discovery_document(const Issuer& issuer, std::span<const std::string> signing_algorithms, const Rules& rules);

}  // namespace godwit::oidc
