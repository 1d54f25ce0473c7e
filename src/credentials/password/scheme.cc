#include "credentials/password/scheme.h"

#include <limits>

namespace godwit::password {

Result<Cost> Scheme::check(std::string_view encoded, const CostLimits& limits) const {
    if (encoded.size() > kMaxEncodedBytes) return refused("longer than 4096 bytes");
    return TRY(parse(encoded))->cost(limits);
}

Result<bool> Scheme::verify(std::string_view password, std::string_view encoded, Work& work) const {
    return TRY(parse(encoded))->verify(password, work);
}

std::unexpected<Error> refused(std::string_view reason) {
    return fail(Code::invalid_argument, "USER-JDk4t", "Password hash encoding not supported: " + std::string(reason));
}

std::string normalised_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '-' || c == '_' || c == ' ') continue;
        out += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

Result<void> check_sizes(std::size_t salt, std::size_t digest, const CostLimits& limits) {
    if (digest < kMinDigestBytes) return refused("the digest is shorter than 16 bytes");
    if (digest > limits.digest_bytes) return refused("the digest is longer than " + std::to_string(limits.digest_bytes) + " bytes");
    if (salt > limits.salt_bytes) return refused("the salt is longer than " + std::to_string(limits.salt_bytes) + " bytes");
    return {};
}

Result<void> check_limit(std::string_view what, std::uint64_t value, std::uint64_t limit) {
    if (value == 0) return refused(std::string(what) + " is 0");
    if (value > limit) return refused(std::string(what) + " is " + std::to_string(value) + ", the limit is " + std::to_string(limit));
    return {};
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

}  // namespace godwit::password
