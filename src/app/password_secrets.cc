#include "app/password_secrets.h"

#include <cctype>
#include <cstdlib>

#include "base/encoding.h"
#include "directory/key/sealers.h"

namespace godwit::app {
namespace {

/// One place for all of them: the same sealed text may stand beside many users' hashes.
const crypto::Place kPlace("user_passwords", "secret", "encoded");
const InstanceScope kSystem = InstanceScope::of({0});

}  // namespace

Result<std::string> PasswordSecrets::seal(std::string_view secret) const {
    return base64_encode(TRY(sealers_.of(kSystem))->seal(kPlace, secret), Base64::url);
}

Result<Secret> PasswordSecrets::open(std::string_view sealed) const {
    const auto bytes = base64_decode(sealed, Base64::url);
    if (!bytes) return fail(Code::data_loss, "APP-Pps01", "a sealed password secret is damaged");
    return TRY(sealers_.of(kSystem))->open(kPlace, *bytes);
}

Result<Secret> PasswordSecrets::find(std::string_view name) const {
    std::string variable = "GODWIT_PASSWORDSECRET_";
    for (const char c : name)
        variable += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
    if (const char* value = std::getenv(variable.c_str())) return Secret(value);
    return fail(Code::not_found, "APP-Pps02",
                "the password secret \"" + std::string(name) + "\" is not known: set " + variable + " in the server's environment");
}

}  // namespace godwit::app
