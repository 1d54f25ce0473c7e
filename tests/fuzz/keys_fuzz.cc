#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/keys.h"

// A key that is read can be written in every form and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::crypto;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto& key : {PublicKey::from_pem(bytes), PublicKey::from_der(bytes)}) {
        if (!key) continue;
        const auto again = PublicKey::from_jwk(key->jwk_parameters());
        if (again && again->thumbprint() != key->thumbprint()) std::abort();
        if (PublicKey::from_pem(key->to_pem()).value().thumbprint() != key->thumbprint()) std::abort();
        (void)key->verify(key->default_algorithm(), "message", bytes);
    }
    const godwit::Secret secret{std::string(bytes)};
    (void)PrivateKey::from_pem(secret);
    (void)PrivateKey::from_der(secret);
    return 0;
}
