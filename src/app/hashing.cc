#include "app/hashing.h"

#include <limits>

namespace godwit::app {
namespace {

using password::HasherConfig;

std::unexpected<Error> refuse(std::string_view key, std::string_view why) {
    return fail(Code::invalid_argument, "APP-Hsh01", "SystemDefaults.PasswordHasher.Hasher." + std::string(key) + ": " + std::string(why));
}

/// Puts a cost that was given (0: not given) into `out`.
Result<void> take(std::string_view key, std::int64_t value, std::uint32_t& out) {
    if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) return refuse(key, "out of range");
    if (value > 0) out = static_cast<std::uint32_t>(value);
    return {};
}

Result<HasherConfig::Pbkdf2Digest> pbkdf2_digest(std::string_view name) {
    using enum HasherConfig::Pbkdf2Digest;
    if (name.empty() || name == "sha256") return sha256;
    if (name == "sha1") return sha1;
    if (name == "sha224") return sha224;
    if (name == "sha384") return sha384;
    if (name == "sha512") return sha512;
    return refuse("Hash", "one of sha1, sha224, sha256, sha384, sha512 is due");
}

}  // namespace

Result<HasherConfig> hasher_config(const config::Hasher& wanted) {
    HasherConfig out;
    const auto algorithm = password::find_hasher_algorithm(wanted.algorithm);
    if (!algorithm) return refuse("Algorithm", "one of argon2id, argon2i, bcrypt, scrypt, pbkdf2 is due, not \"" + wanted.algorithm + "\"");
    out.algorithm = *algorithm;
    switch (*algorithm) {
        case HasherConfig::Algorithm::argon2id:
        case HasherConfig::Algorithm::argon2i:
            TRY(take("Time", wanted.time, out.argon2_passes));
            TRY(take("Memory", wanted.memory, out.argon2_memory_kib));
            TRY(take("Threads", wanted.threads, out.argon2_lanes));
            break;
        case HasherConfig::Algorithm::bcrypt:
            TRY(take("Cost", wanted.cost, out.bcrypt_cost));
            break;
        case HasherConfig::Algorithm::scrypt:
            TRY(take("Cost", wanted.cost, out.scrypt_log2n));
            break;
        case HasherConfig::Algorithm::pbkdf2:
            TRY(take("Rounds", wanted.rounds, out.pbkdf2_iterations));
            out.pbkdf2_digest = TRY(pbkdf2_digest(wanted.hash));
            break;
    }
    return out;
}

}  // namespace godwit::app
