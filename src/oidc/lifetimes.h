// How long what is issued stays good.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "oidc/services.h"

namespace godwit::oidc {

/// What the instance's OIDC settings say.
Result<Lifetimes> lifetimes_of(const Services& services, InstanceScope scope);

}  // namespace godwit::oidc
