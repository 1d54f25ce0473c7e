// Message digests and HMAC by name, and MD4, which OpenSSL 3 keeps in a provider that a plain installation does not load.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::password {

enum class Hash { md4, md5, sha1, sha224, sha256, sha384, sha512 };

/// "sha256", "SHA-256"; nullopt for others.
std::optional<Hash> find_hash(std::string_view name);
std::string_view hash_name(Hash hash);
std::size_t hash_size(Hash hash);

/// A reusable digest context; not for several threads at once.
class Digester {
public:
    explicit Digester(Hash hash);
    ~Digester();
    Digester(const Digester&) = delete;
    Digester& operator=(const Digester&) = delete;

    /// Digest of the parts joined.
    std::string operator()(std::initializer_list<std::string_view> parts);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

std::string digest(Hash hash, std::initializer_list<std::string_view> parts);
/// RFC 2104.
std::string hmac(Hash hash, std::string_view key, std::string_view message);
/// RFC 1320.
std::string md4(std::string_view message);
/// AES-256-CTR with a zero IV, as Firebase uses it. The key has 32 bytes.
std::string aes256_ctr(std::string_view key, std::string_view plaintext);
/// From the system's generator; aborts when that fails.
std::string random_bytes(std::size_t count);

}  // namespace godwit::password
