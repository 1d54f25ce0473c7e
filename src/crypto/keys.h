// Signature keys (RFC 7518, RFC 8037) by OpenSSL. Parsed once, immutable, cheap to copy, usable from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace godwit::crypto {

enum class Algorithm { RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA };

std::string_view name_of(Algorithm algorithm);
/// By its JWA name, exactly, RFC 9864's Ed25519 too; nullopt for all others ("none" and the HMAC family among them).
std::optional<Algorithm> parse_algorithm(std::string_view name);

enum class KeyType { rsa, p256, p384, p521, ed25519 };

/// Public parameters as a JWK has them (RFC 7517; base64url texts).
struct JwkParameters {
    std::string kty;
    std::string crv;
    std::string n, e;  ///< RSA
    std::string x, y;  ///< EC; OKP has x only
};

namespace detail {
struct Pkey;  // an EVP_PKEY
}

class PublicKey {
public:
    /// PEM: "PUBLIC KEY" (PKIX), "RSA PUBLIC KEY" (PKCS#1, or PKIX as ZITADEL labels it) or "CERTIFICATE".
    /// InvalidArgument for anything else, and for RSA below 2,048 or above 8,192 bits and curves not in KeyType.
    static Result<PublicKey> from_pem(std::string_view pem);
    /// The same as bytes.
    static Result<PublicKey> from_der(std::string_view der);
    static Result<PublicKey> from_jwk(const JwkParameters& jwk);

    KeyType type() const;
    int bits() const;
    /// Whether a key of this type can make signatures of that algorithm. The first that can is its default.
    bool fits(Algorithm algorithm) const;
    Algorithm default_algorithm() const;

    /// Signature as JWS has it (ECDSA: r ‖ s). False also when the key does not fit the algorithm.
    bool verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;

    /// PKIX, "PUBLIC KEY".
    std::string to_pem() const;
    /// PKIX DER.
    std::string to_der() const;
    /// PKIX bytes under the label "RSA PUBLIC KEY", as ZITADEL writes and reads the public half of machine and application keys.
    std::string to_zitadel_pem() const;
    JwkParameters jwk_parameters() const;
    /// {"use":"sig","kty":…,"kid":…,"alg":…,…}
    std::string to_jwk(std::string_view kid, Algorithm algorithm) const;
    /// RFC 7638, SHA-256, base64url.
    std::string thumbprint() const;

private:
    friend class PrivateKey;
    explicit PublicKey(std::shared_ptr<const detail::Pkey> key) : key_(std::move(key)) {}
    std::shared_ptr<const detail::Pkey> key_;
};

class PrivateKey {
public:
    /// RSA takes seconds at 4,096 bits: not on a request's path.
    static PrivateKey generate_rsa(int bits = 2048);
    /// Not for KeyType::rsa (aborts).
    static PrivateKey generate(KeyType type);

    /// "PRIVATE KEY" (PKCS#8), "RSA PRIVATE KEY" (PKCS#1) or "EC PRIVATE KEY" (SEC 1), not encrypted.
    static Result<PrivateKey> from_pem(const Secret& pem);
    static Result<PrivateKey> from_der(const Secret& der);

    PublicKey public_key() const { return PublicKey(key_); }
    /// JWS form. InvalidArgument when the key does not fit the algorithm.
    Result<std::string> sign(Algorithm algorithm, std::string_view message) const;

    /// PKCS#8 DER, what is sealed in signing_keys.
    Secret to_der() const;
    /// PKCS#8.
    Secret to_pem() const;
    /// PKCS#1, "RSA PRIVATE KEY": the `key` of the key files the contract hands out. RSA only (aborts).
    Secret to_pkcs1_pem() const;

private:
    explicit PrivateKey(std::shared_ptr<const detail::Pkey> key) : key_(std::move(key)) {}
    std::shared_ptr<const detail::Pkey> key_;
};

}  // namespace godwit::crypto
