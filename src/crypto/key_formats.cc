// Reading and writing keys: PEM, DER, JWK. Signing is in keys.cc.
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/openssl.h"

namespace godwit::crypto {
namespace detail {
namespace {

constexpr int kFewestRsaBits = 2048;
constexpr int kMostRsaBits = 8192;

std::unexpected<Error> not_a_key(std::string_view message) {
    ERR_clear_error();
    return fail(Code::invalid_argument, "CRYPTO-Ke7ba", message);
}

std::optional<KeyType> type_of(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA")) return KeyType::rsa;
    if (EVP_PKEY_is_a(key, "ED25519")) return KeyType::ed25519;
    std::array<char, 32> group{};
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return std::nullopt;
    const std::string_view name = group.data();
    if (name == "prime256v1") return KeyType::p256;
    if (name == "secp384r1") return KeyType::p384;
    if (name == "secp521r1") return KeyType::p521;
    return std::nullopt;
}

/// The kind of key by the OID in PKIX and PKCS#8; nullptr when it is none of ours. Naming the kind spares OpenSSL from trying
/// every decoder it has, which takes most of a millisecond.
const char* kind_by_oid(std::string_view der) {
    constexpr std::pair<std::string_view, const char*> kOids[] = {
        {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "RSA"}, {"\x2a\x86\x48\xce\x3d\x02\x01", "EC"}, {"\x06\x03\x2b\x65\x70", "ED25519"}};
    for (const auto& [oid, kind] : kOids)
        if (der.substr(0, 64).contains(oid)) return kind;
    return nullptr;
}

UniquePkey decode(std::string_view der, const char* structure, const char* kind, int selection) {
    if (!kind) return nullptr;
    EVP_PKEY* key = nullptr;
    const std::unique_ptr<OSSL_DECODER_CTX, Free<OSSL_DECODER_CTX_free>> context(
        OSSL_DECODER_CTX_new_for_pkey(&key, "DER", structure, kind, selection, nullptr, nullptr));
    // An encrypted key must fail; without this OpenSSL would ask for its passphrase on the terminal.
    if (context) OSSL_DECODER_CTX_set_pem_password_cb(context.get(), [](char*, int, int, void*) { return -1; }, nullptr);
    const unsigned char* at = bytes(der);
    std::size_t left = der.size();
    const bool whole = context && OSSL_DECODER_from_data(context.get(), &at, &left) == 1 && left == 0;
    UniquePkey owned(key);
    ERR_clear_error();
    return whole ? std::move(owned) : nullptr;
}

UniquePkey decode_certificate(std::string_view der) {
    const unsigned char* at = bytes(der);
    const std::unique_ptr<X509, Free<X509_free>> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    return UniquePkey(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

}  // namespace

std::size_t coordinate_size(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return 32;
        case KeyType::p384:
            return 48;
        case KeyType::p521:
            return 66;
        case KeyType::ed25519:
            return 32;
        case KeyType::rsa:
            break;
    }
    return 0;
}

Result<std::shared_ptr<const Pkey>> adopt(UniquePkey key) {
    const auto type = type_of(key.get());
    if (!type) return not_a_key("The key is of a kind that is not supported: use RSA, P-256, P-384, P-521 or Ed25519.");
    const int bits = EVP_PKEY_get_bits(key.get());
    if (*type == KeyType::rsa && (bits < kFewestRsaBits || bits > kMostRsaBits))
        return not_a_key("An RSA key must have 2048 to 8192 bits.");
    return std::make_shared<const Pkey>(std::move(key), *type);
}

Result<UniquePkey> parse_public_der(std::string_view der) {
    constexpr std::size_t kLongest = 64 * 1024;
    if (!der.empty() && der.size() <= kLongest) {
        if (UniquePkey key = decode(der, "SubjectPublicKeyInfo", kind_by_oid(der), EVP_PKEY_PUBLIC_KEY)) return key;
        if (UniquePkey key = decode(der, "pkcs1", "RSA", EVP_PKEY_PUBLIC_KEY)) return key;
        if (UniquePkey key = decode_certificate(der)) return key;
    }
    return not_a_key("This is not a public key (PKIX or PKCS#1) and not a certificate.");
}

Result<UniquePkey> parse_private_der(std::string_view der) {
    if (UniquePkey key = decode(der, "PrivateKeyInfo", kind_by_oid(der), EVP_PKEY_KEYPAIR)) return key;
    for (const char* kind : {"RSA", "EC"})  // PKCS#1, SEC 1
        if (UniquePkey key = decode(der, "type-specific", kind, EVP_PKEY_KEYPAIR)) return key;
    return not_a_key("This is not a private key (PKCS#8, PKCS#1 or SEC 1).");
}

Result<std::string> decode_pem(std::string_view pem) {
    const UniqueBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1 << 20))));
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const bool read = bio && PEM_read_bio(bio.get(), &label, &header, &data, &size) == 1;
    const bool encrypted = read && (*header != '\0' || std::string_view(label).starts_with("ENCRYPTED"));
    std::string der = read ? std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)) : "";
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    if (!read) return not_a_key("This is not PEM: a line \"-----BEGIN …-----\" with its end is missing.");
    if (encrypted) return not_a_key("The key is encrypted with a passphrase; give it without one.");
    return der;
}

std::string encode_pem(std::string_view label, std::string_view der) {
    constexpr std::size_t kLine = 64;
    const std::string body = base64_encode(der);
    std::string out = "-----BEGIN " + std::string(label) + "-----\n";
    for (std::size_t at = 0; at < body.size(); at += kLine) out += body.substr(at, kLine) + "\n";
    return out + "-----END " + std::string(label) + "-----\n";
}

namespace {

std::string encode_der(const EVP_PKEY* key, const char* structure, int selection) {
    const std::unique_ptr<OSSL_ENCODER_CTX, Free<OSSL_ENCODER_CTX_free>> context(
        OSSL_ENCODER_CTX_new_for_pkey(key, selection, "DER", structure, nullptr));
    unsigned char* data = nullptr;
    std::size_t size = 0;
    if (!context || OSSL_ENCODER_to_data(context.get(), &data, &size) != 1) std::abort();
    std::string der(reinterpret_cast<const char*>(data), size);
    OPENSSL_clear_free(data, size);
    return der;
}

/// A big number in base64url: in the fewest bytes when `size` is 0 (RFC 7518 section 2, Base64urlUInt), else in `size` bytes.
std::string number_parameter(const EVP_PKEY* key, const char* name, std::size_t size) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) std::abort();
    const UniqueBignum number(raw);
    std::string out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(raw)) : size, '\0');
    if (BN_bn2binpad(number.get(), bytes(out), static_cast<int>(out.size())) < 0) std::abort();
    return base64_encode(out, Base64::url);
}

std::string_view curve_name(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return "P-256";
        case KeyType::p384:
            return "P-384";
        case KeyType::p521:
            return "P-521";
        case KeyType::ed25519:
            return "Ed25519";
        case KeyType::rsa:
            break;
    }
    return "";
}

Result<UniquePkey> from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
    const std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder));
    const UniquePkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return not_a_key("The JWK's numbers do not make a key.");
    UniquePkey owned(key);
    // A point that is not on its curve must not come in.
    const UniquePkeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, owned.get(), nullptr));
    if (!check || EVP_PKEY_public_check(check.get()) != 1) return not_a_key("The JWK's numbers do not make a valid key.");
    return owned;
}

Result<UniquePkey> rsa_from_jwk(const JwkParameters& jwk) {
    const auto n = base64_decode(jwk.n, Base64::url);
    const auto e = base64_decode(jwk.e, Base64::url);
    if (!n || !e || n->empty() || e->empty() || static_cast<int>(n->size()) > kMostRsaBits / 8 + 1 || e->size() > 8)
        return not_a_key("An RSA JWK needs n and e.");
    const UniqueBignum modulus(BN_bin2bn(bytes(*n), static_cast<int>(n->size()), nullptr));
    const UniqueBignum exponent(BN_bin2bn(bytes(*e), static_cast<int>(e->size()), nullptr));
    const std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    return from_parameters("RSA", builder.get());
}

Result<UniquePkey> curve_from_jwk(const JwkParameters& jwk, KeyType type) {
    const auto x = base64_decode(jwk.x, Base64::url);
    if (!x || x->size() != coordinate_size(type)) return not_a_key("The JWK's x has not the length of its curve.");
    if (type == KeyType::ed25519) {
        UniquePkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*x), x->size()));
        if (!key) return not_a_key("The JWK's x is no Ed25519 key.");
        return key;
    }
    const auto y = base64_decode(jwk.y, Base64::url);
    if (!y || y->size() != coordinate_size(type)) return not_a_key("The JWK's y has not the length of its curve.");
    const std::string point = '\x04' + *x + *y;
    const std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
    const std::string group(curve_name(type));
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.c_str(), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return from_parameters("EC", builder.get());
}

}  // namespace
}  // namespace detail

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
    const std::string der = TRY(detail::decode_pem(pem));
    return from_der(der);
}

Result<PublicKey> PublicKey::from_der(std::string_view der) {
    auto key = TRY(detail::parse_public_der(der));
    return PublicKey(TRY(detail::adopt(std::move(key))));
}

Result<PublicKey> PublicKey::from_jwk(const JwkParameters& jwk) {
    if (jwk.kty == "RSA") {
        auto key = TRY(detail::rsa_from_jwk(jwk));
        return PublicKey(TRY(detail::adopt(std::move(key))));
    }
    for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::ed25519}) {
        if (jwk.crv != detail::curve_name(type) || jwk.kty != (type == KeyType::ed25519 ? "OKP" : "EC")) continue;
        auto key = TRY(detail::curve_from_jwk(jwk, type));
        return PublicKey(TRY(detail::adopt(std::move(key))));
    }
    return detail::not_a_key("The JWK is of a kind that is not supported: use RSA, P-256, P-384, P-521 or Ed25519.");
}

std::string PublicKey::to_der() const { return detail::encode_der(key_->key.get(), "SubjectPublicKeyInfo", EVP_PKEY_PUBLIC_KEY); }
std::string PublicKey::to_pem() const { return detail::encode_pem("PUBLIC KEY", to_der()); }
std::string PublicKey::to_zitadel_pem() const { return detail::encode_pem("RSA PUBLIC KEY", to_der()); }

JwkParameters PublicKey::jwk_parameters() const {
    const EVP_PKEY* const key = key_->key.get();
    JwkParameters jwk;
    jwk.crv = detail::curve_name(key_->type);
    const std::size_t size = detail::coordinate_size(key_->type);
    if (key_->type == KeyType::rsa) {
        jwk.kty = "RSA";
        jwk.n = detail::number_parameter(key, OSSL_PKEY_PARAM_RSA_N, 0);
        jwk.e = detail::number_parameter(key, OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (key_->type == KeyType::ed25519) {
        std::string x(size, '\0');
        std::size_t length = x.size();
        if (EVP_PKEY_get_raw_public_key(key, detail::bytes(x), &length) != 1) std::abort();
        jwk.kty = "OKP";
        jwk.x = base64_encode(x, Base64::url);
    } else {
        jwk.kty = "EC";
        jwk.x = detail::number_parameter(key, OSSL_PKEY_PARAM_EC_PUB_X, size);
        jwk.y = detail::number_parameter(key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
    }
    return jwk;
}

std::string PublicKey::to_jwk(std::string_view kid, Algorithm algorithm) const {
    const JwkParameters jwk = jwk_parameters();
    std::string out =
        R"({"use":"sig","kty":")" + jwk.kty + R"(","kid":)" + json_string(kid) + R"(,"alg":")" + std::string(name_of(algorithm)) + '"';
    const std::pair<const char*, const std::string*> members[] = {
        {"crv", &jwk.crv}, {"x", &jwk.x}, {"y", &jwk.y}, {"n", &jwk.n}, {"e", &jwk.e}};
    for (const auto& [name, value] : members)
        if (!value->empty()) out += ",\"" + std::string(name) + "\":\"" + *value + '"';
    return out + "}";
}

std::string PublicKey::thumbprint() const {
    // RFC 7638 section 3: the required members in lexicographic order, no white space; OKP by RFC 8037 section 2.
    const JwkParameters jwk = jwk_parameters();
    std::string canonical;
    if (jwk.kty == "RSA") {
        canonical = R"({"e":")" + jwk.e + R"(","kty":"RSA","n":")" + jwk.n + R"("})";
    } else if (jwk.kty == "OKP") {
        canonical = R"({"crv":")" + jwk.crv + R"(","kty":"OKP","x":")" + jwk.x + R"("})";
    } else {
        canonical = R"({"crv":")" + jwk.crv + R"(","kty":"EC","x":")" + jwk.x + R"(","y":")" + jwk.y + R"("})";
    }
    return base64_encode(sha256(canonical), Base64::url);
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem) { return from_der(Secret(TRY(detail::decode_pem(pem.reveal())))); }

Result<PrivateKey> PrivateKey::from_der(const Secret& der) {
    auto key = TRY(detail::parse_private_der(der.reveal()));
    return PrivateKey(TRY(detail::adopt(std::move(key))));
}

Secret PrivateKey::to_der() const { return Secret(detail::encode_der(key_->key.get(), "PrivateKeyInfo", EVP_PKEY_KEYPAIR)); }
Secret PrivateKey::to_pem() const { return Secret(detail::encode_pem("PRIVATE KEY", to_der().reveal())); }

Secret PrivateKey::to_pkcs1_pem() const {
    if (key_->type != KeyType::rsa) std::abort();
    return Secret(
        detail::encode_pem("RSA PRIVATE KEY", Secret(detail::encode_der(key_->key.get(), "type-specific", EVP_PKEY_KEYPAIR)).reveal()));
}

}  // namespace godwit::crypto
