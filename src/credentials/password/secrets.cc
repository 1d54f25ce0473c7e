#include "credentials/password/secrets.h"

#include <algorithm>

namespace godwit::password {
namespace {

constexpr std::string_view kReference = "ref:";
constexpr std::string_view kSealed = "sealed:";

bool plain_name(std::string_view text, std::size_t max_bytes) {
    return !text.empty() && text.size() <= max_bytes && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    });
}

std::unexpected<Error> no_keeper() {
    return fail(Code::failed_precondition, "PASSWORD-Kp3rN", "This password hash needs a secret, and no secrets are configured here");
}

}  // namespace

Result<std::string> reference_token(std::string_view name) {
    if (!plain_name(name, 200))
        return fail(Code::invalid_argument, "PASSWORD-Rf1nm", "The name of a secret has 1 to 200 of A-Z a-z 0-9 _ . -");
    return std::string(kReference) + std::string(name);
}

Result<std::string> sealed_token(std::string_view secret, const SecretKeeper* keeper) {
    if (keeper == nullptr) return no_keeper();
    return std::string(kSealed) + TRY(keeper->seal(secret));
}

bool is_secret_token(std::string_view token) {
    if (token.starts_with(kReference)) return plain_name(token.substr(kReference.size()), 200);
    return token.starts_with(kSealed) && plain_name(token.substr(kSealed.size()), 2048);
}

Result<Secret> resolve_token(std::string_view token, const SecretKeeper* keeper) {
    if (keeper == nullptr) return no_keeper();
    if (token.starts_with(kReference)) return keeper->find(token.substr(kReference.size()));
    if (token.starts_with(kSealed)) return keeper->open(token.substr(kSealed.size()));
    return fail(Code::invalid_argument, "PASSWORD-Tk0en", "Not a reference to a secret");
}

}  // namespace godwit::password
