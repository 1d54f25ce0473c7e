// The identity provider an authorization request asks for by its scope (urn:zitadel:iam:org:idp:id:…): who signs in must come by it.
#pragma once

#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::oidc {

struct Services;

/// Whether the scopes name one at all. Our own pages cannot sign anybody in by it; sign-in pages that somebody made can.
bool asks_for_idp(std::span<const std::string> scopes);

/// invalid_scope unless they name none, or one that people of the asked organization (or else the default one) may use now: the
/// organization's own or the instance's, active, and offered by the login policy.
Result<void> check_asked_idp(const Services& services, InstanceScope scope, std::span<const std::string> scopes);

}  // namespace godwit::oidc
