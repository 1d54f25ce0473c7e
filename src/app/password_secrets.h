// Peppers and signer keys of legacy systems, for credentials/password: sealed under the system's data key, or named by the operator.
#pragma once

#include "credentials/password/secrets.h"

namespace godwit::key {
class Sealers;
}

namespace godwit::app {

class PasswordSecrets final : public password::SecretKeeper {
public:
    explicit PasswordSecrets(const key::Sealers& sealers) : sealers_(sealers) {}

    Result<std::string> seal(std::string_view secret) const override;
    Result<Secret> open(std::string_view sealed) const override;
    /// From the environment: GODWIT_PASSWORDSECRET_<NAME>, the name in upper case with "_" for what is no letter or digit. Read at
    /// each use and never written anywhere. not_found says which variable was looked for.
    Result<Secret> find(std::string_view name) const override;

private:
    const key::Sealers& sealers_;
};

}  // namespace godwit::app
