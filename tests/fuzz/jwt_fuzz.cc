#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/jwt.h"

// Nothing foreign verifies under a key that never signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::crypto;
    static const PublicKey key = PrivateKey::generate(KeyType::p256).public_key();
    static const PublicKey ed = PrivateKey::generate(KeyType::ed25519).public_key();
    constexpr Algorithm kAllowed[] = {Algorithm::ES256, Algorithm::EdDSA};
    const std::string_view token(reinterpret_cast<const char*>(data), size);
    if (verify_jwt(token, kAllowed, [&](const Jwt& jwt) { return jwt.algorithm == Algorithm::EdDSA ? ed : key; })) std::abort();
    return 0;
}
