#include "crypto/random.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "base/encoding.h"

namespace godwit::crypto {

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(out.data()), count, 0) != 1) std::abort();
    return out;
}

std::string random_token(std::size_t bytes) { return base64_encode(random_bytes(bytes), Base64::url); }

std::string random_string(std::size_t length, std::string_view alphabet) {
    if (alphabet.size() < 2 || alphabet.size() > 256) std::abort();
    // Bytes at or above the largest multiple of the alphabet's size would favour its first characters.
    const std::size_t limit = 256 - 256 % alphabet.size();
    std::string out;
    out.reserve(length);
    while (out.size() < length) {
        for (const char c : random_bytes(length - out.size() + 16)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < limit && out.size() < length) out.push_back(alphabet[byte % alphabet.size()]);
        }
    }
    return out;
}

}  // namespace godwit::crypto
