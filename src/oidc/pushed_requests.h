// Pushed authorization requests (RFC 9126): the parameters come by the back channel from a client that proved itself, and the browser
// carries a reference only. They are kept as they came and pass every check again when they are taken.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/client.h"
#include "oidc/parameters.h"

namespace godwit::oidc {

struct Services;

inline constexpr std::string_view kPushedPrefix = "urn:ietf:params:oauth:request_uri:";
inline constexpr std::chrono::seconds kPushedTime{90};

/// The request_uri that stands for them.
Result<std::string> keep_pushed(const Services& services, InstanceScope scope, AppId app, const Parameters& parameters);

/// What was kept, once. nullopt: unknown, taken before, over, or another client's (whose request is left to it).
Result<std::optional<Parameters>> take_pushed(const Services& services, InstanceScope scope, AppId app, std::string_view request_uri);

}  // namespace godwit::oidc
