// How Godwit itself stores passwords: one configured algorithm and cost, in forms that ZITADEL reads too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "credentials/password/memory.h"
#include "credentials/password/verifier.h"

namespace godwit::password {

/// A new password has at most this many characters (code points).
inline constexpr std::size_t kMaxPasswordCharacters = 200;
/// bcrypt reads no more bytes of a password.
inline constexpr std::size_t kMaxBcryptBytes = 72;

struct HasherConfig {
    enum class Algorithm { argon2id, argon2i, bcrypt, scrypt, pbkdf2 };
    enum class Pbkdf2Digest { sha1, sha224, sha256, sha384, sha512 };

    Algorithm algorithm = Algorithm::argon2id;
    // OWASP's recommendation for Argon2id (Password Storage Cheat Sheet).
    std::uint32_t argon2_memory_kib = 19456;
    std::uint32_t argon2_passes = 2;
    std::uint32_t argon2_lanes = 1;
    std::uint32_t bcrypt_cost = 12;
    std::uint32_t scrypt_log2n = 15;
    std::uint32_t scrypt_r = 8;
    std::uint32_t scrypt_p = 1;
    Pbkdf2Digest pbkdf2_digest = Pbkdf2Digest::sha256;
    std::uint32_t pbkdf2_iterations = 600'000;
};
/// "argon2id", "argon2i", "bcrypt", "scrypt", "pbkdf2", as in the configuration.
std::optional<HasherConfig::Algorithm> find_hasher_algorithm(std::string_view name);

/// Any thread.
class Hasher {
public:
    /// invalid_argument when the cost makes no sense or is over the verifier's limits. `memory` and `verifier` outlive it.
    static Result<Hasher> make(const HasherConfig& config, HashMemory& memory, const Verifier& verifier);

    /// The encoding to store, with a new salt. invalid_argument: empty, over 200 characters, NUL inside, over 72 bytes when bcrypt
    /// is configured; resource_exhausted when there is no memory until `deadline`.
    Result<std::string> hash(std::string_view password, Deadline deadline) const;

    /// Whether a stored hash differs from what hash() would make now, in scheme, cost or sizes.
    bool needs_rehash(std::string_view encoded) const;

    /// Costs what verifying a password of a user hashed by this hasher costs, and fits nobody: for names that do not exist.
    Result<void> dummy_verify(std::string_view password, Deadline deadline) const;

private:
    Hasher(const HasherConfig& config, HashMemory& memory, const Verifier& verifier)
        : config_(config), memory_(&memory), verifier_(&verifier) {}

    /// The encoding with this salt and digest.
    std::string encode(std::string salt, std::string digest) const;

    HasherConfig config_;
    HashMemory* memory_;
    const Verifier* verifier_;
    std::uint64_t memory_bytes_ = 0;
    std::string dummy_;
};

}  // namespace godwit::password
