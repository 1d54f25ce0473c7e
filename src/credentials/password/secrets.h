// Peppers and signer keys belong to a whole legacy system, not to one user: they never rest in the clear beside the hashes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace godwit::password {

/// Implemented above this room (sealing under the master key, named secrets of an instance). Any thread.
class SecretKeeper {
public:
    virtual ~SecretKeeper() = default;
    /// A text of [A-Za-z0-9_.-] from which open() gives the secret back.
    virtual Result<std::string> seal(std::string_view secret) const = 0;
    virtual Result<Secret> open(std::string_view sealed) const = 0;
    /// A secret the operator stored under a name; not_found when there is none.
    virtual Result<Secret> find(std::string_view name) const = 0;
};

/// How a stored hash names a secret: "ref:<name>" or "sealed:<text>". Both without ',' and '$'.
Result<std::string> reference_token(std::string_view name);
Result<std::string> sealed_token(std::string_view secret, const SecretKeeper* keeper);
bool is_secret_token(std::string_view token);
Result<Secret> resolve_token(std::string_view token, const SecretKeeper* keeper);

}  // namespace godwit::password
