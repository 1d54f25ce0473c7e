#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "credentials/totp/totp.h"
#include "crypto/compare.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::totp;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)read_key(text);
    if (const auto key = parse_otpauth(text)) {
        const auto code = code_at(key->bytes, key->parameters, 1);
        if (code.size() != static_cast<std::size_t>(key->parameters.digits)) std::abort();
        const auto again = parse_otpauth(otpauth_uri(*key).reveal());
        if (again && (!godwit::crypto::constant_time_equals(again->bytes, key->bytes) || again->parameters != key->parameters))
            std::abort();
    }
    return 0;
}
