#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdlib>

namespace godwit::crypto {
namespace {

/// Fetched once: an implicit fetch costs more than hashing a short string.
const EVP_MD* algorithm(Hash hash) {
    static const std::array kAlgorithms = {EVP_MD_fetch(nullptr, "SHA1", nullptr), EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                           EVP_MD_fetch(nullptr, "SHA384", nullptr), EVP_MD_fetch(nullptr, "SHA512", nullptr)};
    return kAlgorithms.at(static_cast<std::size_t>(hash));
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string digest(Hash hash, std::string_view data) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), &size, algorithm(hash), nullptr) != 1)
        std::abort();
    out.resize(size);
    return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view data) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    if (!HMAC(algorithm(hash), key.data(), static_cast<int>(key.size()), bytes(data), data.size(),
              reinterpret_cast<unsigned char*>(out.data()), &size))
        std::abort();
    out.resize(size);
    return out;
}

Secret hkdf_sha256(std::string_view key, std::string_view salt, std::string_view label, std::size_t count) {
    constexpr std::size_t kHashSize = 32;
    if (count > 255 * kHashSize) std::abort();
    // RFC 5869 section 2.2: PRK = HMAC-Hash(salt, IKM); an absent salt is HashLen zeros, which HMAC makes of an empty one.
    std::string prk = hmac_sha256(salt, key);
    // Section 2.3: T(i) = HMAC-Hash(PRK, T(i-1) | info | i).
    std::string okm;
    std::string block;
    for (char i = 1; okm.size() < count; ++i) {
        block = hmac_sha256(prk, block + std::string(label) + i);
        okm += block;
    }
    OPENSSL_cleanse(prk.data(), prk.size());
    OPENSSL_cleanse(block.data(), block.size());
    OPENSSL_cleanse(okm.data() + count, okm.size() - count);
    okm.resize(count);
    return Secret(std::move(okm));
}

}  // namespace godwit::crypto
