#include "crypto/keys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdlib>

#include "crypto/openssl.h"

namespace godwit::crypto {
namespace {

using detail::bytes;

struct Scheme {
    std::string_view name;
    KeyType type;
    const char* hash;  ///< nullptr: the scheme has its own (EdDSA)
    bool pss;
};

/// In the order of Algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
constexpr std::array<Scheme, 10> kSchemes = {{
    {"RS256", KeyType::rsa, "SHA256", false},
    {"RS384", KeyType::rsa, "SHA384", false},
    {"RS512", KeyType::rsa, "SHA512", false},
    {"PS256", KeyType::rsa, "SHA256", true},
    {"PS384", KeyType::rsa, "SHA384", true},
    {"PS512", KeyType::rsa, "SHA512", true},
    {"ES256", KeyType::p256, "SHA256", false},
    {"ES384", KeyType::p384, "SHA384", false},
    {"ES512", KeyType::p521, "SHA512", false},
    {"EdDSA", KeyType::ed25519, nullptr, false},
}};

const Scheme& scheme_of(Algorithm algorithm) { return kSchemes.at(static_cast<std::size_t>(algorithm)); }

bool is_ecdsa(const Scheme& scheme) { return scheme.hash && scheme.type != KeyType::rsa; }

bool set_padding(EVP_PKEY_CTX* context, const Scheme& scheme) {
    if (scheme.type != KeyType::rsa) return true;
    if (!scheme.pss) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    // RFC 7518 section 3.5: the salt is as long as the hash.
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

using UniqueSignature = std::unique_ptr<ECDSA_SIG, detail::Free<ECDSA_SIG_free>>;

/// RFC 7518 section 3.4: r ‖ s, each as long as the curve's order; OpenSSL speaks DER.
std::optional<std::string> ecdsa_to_jws(std::string_view der, std::size_t size) {
    const unsigned char* at = bytes(der);
    const UniqueSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string out(2 * size, '\0');
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes(out), static_cast<int>(size)) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes(out) + size, static_cast<int>(size)) < 0)
        return std::nullopt;
    return out;
}

std::optional<std::string> ecdsa_from_jws(std::string_view jws, std::size_t size) {
    if (jws.size() != 2 * size) return std::nullopt;
    const UniqueSignature signature(ECDSA_SIG_new());
    BIGNUM* const r = BN_bin2bn(bytes(jws), static_cast<int>(size), nullptr);
    BIGNUM* const s = BN_bin2bn(bytes(jws) + size, static_cast<int>(size), nullptr);
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) std::abort();  // out of memory
    unsigned char* data = nullptr;
    const int length = i2d_ECDSA_SIG(signature.get(), &data);
    if (length < 0) return std::nullopt;
    std::string der(reinterpret_cast<const char*>(data), static_cast<std::size_t>(length));
    OPENSSL_free(data);
    return der;
}

std::shared_ptr<const detail::Pkey> own(EVP_PKEY* key, KeyType type) {
    if (!key) std::abort();  // no randomness or no memory
    return std::make_shared<const detail::Pkey>(detail::UniquePkey(key), type);
}

}  // namespace

std::string_view name_of(Algorithm algorithm) { return scheme_of(algorithm).name; }

std::optional<Algorithm> parse_algorithm(std::string_view name) {
    if (name == "Ed25519") return Algorithm::EdDSA;  // RFC 9864; no other curve of that family is taken here
    for (std::size_t i = 0; i < kSchemes.size(); ++i)
        if (kSchemes.at(i).name == name) return static_cast<Algorithm>(i);
    return std::nullopt;
}

KeyType PublicKey::type() const { return key_->type; }
int PublicKey::bits() const { return EVP_PKEY_get_bits(key_->key.get()); }
bool PublicKey::fits(Algorithm algorithm) const { return scheme_of(algorithm).type == key_->type; }

Algorithm PublicKey::default_algorithm() const {
    for (std::size_t i = 0; i < kSchemes.size(); ++i)
        if (fits(static_cast<Algorithm>(i))) return static_cast<Algorithm>(i);
    std::abort();
}

bool PublicKey::verify(Algorithm algorithm, std::string_view message, std::string_view signature) const {
    if (!fits(algorithm)) return false;
    const Scheme& scheme = scheme_of(algorithm);
    std::optional<std::string> der;
    if (is_ecdsa(scheme)) {
        der = ecdsa_from_jws(signature, detail::coordinate_size(scheme.type));
        if (!der) return false;
        signature = *der;
    }
    const detail::UniqueMdContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    const bool good = context &&
                      EVP_DigestVerifyInit_ex(context.get(), &parameters, scheme.hash, nullptr, nullptr, key_->key.get(), nullptr) == 1 &&
                      set_padding(parameters, scheme) &&
                      EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

Result<std::string> PrivateKey::sign(Algorithm algorithm, std::string_view message) const {
    const Scheme& scheme = scheme_of(algorithm);
    if (scheme.type != key_->type) return fail(Code::invalid_argument, "CRYPTO-Al6ft", "The key cannot sign with this algorithm.");
    const detail::UniqueMdContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_->key.get())), '\0');
    std::size_t size = signature.size();
    const bool made =
        context && EVP_DigestSignInit_ex(context.get(), &parameters, scheme.hash, nullptr, nullptr, key_->key.get(), nullptr) == 1 &&
        set_padding(parameters, scheme) && EVP_DigestSign(context.get(), bytes(signature), &size, bytes(message), message.size()) == 1;
    ERR_clear_error();
    if (!made) return fail(Code::internal, "CRYPTO-Si9gn", "Signing failed.");
    signature.resize(size);
    if (!is_ecdsa(scheme)) return signature;
    auto jws = ecdsa_to_jws(signature, detail::coordinate_size(scheme.type));
    if (!jws) return fail(Code::internal, "CRYPTO-Si9ec", "Signing failed.");
    return *std::move(jws);
}

PrivateKey PrivateKey::generate_rsa(int bits) { return PrivateKey(own(EVP_RSA_gen(static_cast<unsigned>(bits)), KeyType::rsa)); }

PrivateKey PrivateKey::generate(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return PrivateKey(own(EVP_EC_gen("P-256"), type));
        case KeyType::p384:
            return PrivateKey(own(EVP_EC_gen("P-384"), type));
        case KeyType::p521:
            return PrivateKey(own(EVP_EC_gen("P-521"), type));
        case KeyType::ed25519:
            return PrivateKey(own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), type));
        case KeyType::rsa:
            break;
    }
    std::abort();
}

}  // namespace godwit::crypto
