// What a password hash of the outside world is to us: a Scheme knows one family of encodings, a Recipe is one parsed hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "credentials/password/memory.h"
#include "credentials/password/secrets.h"

namespace godwit::password {

/// No stored form is longer (issue: v2's limit of 200 characters is lifted to this).
inline constexpr std::size_t kMaxEncodedBytes = 4096;
/// Longer candidates are wrong passwords without being hashed: schemes that read the password in every round would be a way to burn
/// time. A new password has at most 200 characters, which is 800 bytes.
inline constexpr std::size_t kMaxCandidateBytes = 1024;
/// Digests shorter than this say too little about a password, and an empty one would fit every password.
inline constexpr std::size_t kMinDigestBytes = 16;

/// Upper bounds of one verification, so that no imported hash burns memory or time at login. The defaults keep each scheme to a
/// few seconds of one core at most; the usual settings of real systems lie ten to a hundred times below.
struct CostLimits {
    std::uint64_t bcrypt_cost = 16;                   ///< log2 of the rounds
    std::uint64_t argon2_memory_kib = 1024 * 1024;    ///< m
    std::uint64_t argon2_work_kib = 4 * 1024 * 1024;  ///< t * m
    std::uint64_t argon2_lanes = 64;                  ///< p
    std::uint64_t scrypt_memory_bytes = 1ULL << 30;   ///< 128 * N * r, also of yescrypt
    std::uint64_t scrypt_work_bytes = 1ULL << 30;     ///< 128 * N * r * p, and of yescrypt * (t + 1)
    std::uint64_t pbkdf2_iterations = 3'000'000;      ///< iterations * blocks of output
    std::uint64_t crypt_rounds = 1'000'000;           ///< sha256-crypt, sha512-crypt
    std::uint64_t digest_rounds = 1ULL << 20;         ///< phpass, Drupal, iterated plain digests
    std::size_t salt_bytes = 1024;
    std::size_t digest_bytes = 512;
};

/// What a verification will cost, and how to show it to an operator.
struct Cost {
    std::uint64_t memory_bytes = 0;  ///< reserved from HashMemory before the verification starts
    bool weak = false;               ///< cheaper to guess than any password KDF (plain digests, NTLM, plain text)
    std::vector<std::pair<std::string, std::string>> parameters;
};

/// What a verification may use.
struct Work {
    HashMemory::Lease& memory;
    const SecretKeeper* secrets = nullptr;  ///< null: hashes with a pepper or a sealed key cannot be verified
};

/// One parsed hash. Immutable; any thread.
class Recipe {
public:
    virtual ~Recipe() = default;
    /// The algorithm by the name a declaration uses ("pbkdf2-sha256").
    virtual std::string algorithm() const = 0;
    /// Refused (see refused()) when over a limit.
    virtual Result<Cost> cost(const CostLimits& limits) const = 0;
    /// Compares in constant time. Errors only when the hash cannot be computed at all.
    virtual Result<bool> verify(std::string_view password, Work& work) const = 0;
};
using RecipePtr = std::unique_ptr<const Recipe>;

/// A recognised encoding, for the documentation.
struct Form {
    std::string_view pattern;
    std::string_view note;
};

/// One family of encodings. Stateless; any thread; no I/O.
class Scheme {
public:
    virtual ~Scheme() = default;
    /// Stable: operators forbid schemes by it.
    virtual std::string_view name() const = 0;
    virtual std::vector<Form> forms() const = 0;
    /// By the prefix or the unmistakable shape alone. No two schemes claim one string: what has two readings nobody claims.
    virtual bool claims(std::string_view encoded) const = 0;
    /// The whole form; refused() says what is wrong with it.
    virtual Result<RecipePtr> parse(std::string_view encoded) const = 0;
    /// More names (normalised, see normalised_name) by which a declaration may call this value without contradicting it.
    virtual bool also_called(std::string_view /*algorithm*/, std::string_view /*encoded*/) const { return false; }
    /// What is stored in place of `encoded`: itself, unless it carries something that must not rest in the clear.
    virtual Result<std::string> protect(std::string_view encoded, const SecretKeeper* /*secrets*/) const { return std::string(encoded); }

    /// Form and cost, at import and again before each verification.
    Result<Cost> check(std::string_view encoded, const CostLimits& limits) const;
    Result<bool> verify(std::string_view password, std::string_view encoded, Work& work) const;
};

/// invalid_argument, USER-JDk4t, "Password hash encoding not supported: <reason>".
std::unexpected<Error> refused(std::string_view reason);

/// "PBKDF2_SHA256" and "pbkdf2-sha256" are one name: lower case, without '-', '_' and spaces.
std::string normalised_name(std::string_view name);

/// Refuses sizes of a parsed salt and digest out of bounds; a digest has at least kMinDigestBytes.
Result<void> check_sizes(std::size_t salt, std::size_t digest, const CostLimits& limits);
/// Refuses when value is 0 or over the limit.
Result<void> check_limit(std::string_view what, std::uint64_t value, std::uint64_t limit);
/// a * b, or the largest number there is.
std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b);

}  // namespace godwit::password
