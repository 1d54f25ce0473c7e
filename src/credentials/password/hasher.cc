#include "credentials/password/hasher.h"

#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/digest.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

using Algorithm = HasherConfig::Algorithm;

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kBcryptDigestBytes = 23;

Argon2 argon2_of(const HasherConfig& c, std::string salt, std::string digest) {
    return {.type = c.algorithm == Algorithm::argon2i ? Argon2Type::i : Argon2Type::id,
            .version = 0x13,
            .memory_kib = c.argon2_memory_kib,
            .passes = c.argon2_passes,
            .lanes = c.argon2_lanes,
            .salt = std::move(salt),
            .data = {},
            .expected = std::move(digest)};
}

Bcrypt bcrypt_of(const HasherConfig& c, std::string_view salt, std::string digest) {
    return {.original = false, .rounds_log2 = c.bcrypt_cost, .salt = encode_rad64(salt), .expected = std::move(digest)};
}

Scrypt scrypt_of(const HasherConfig& c, std::string salt, std::string digest) {
    return {.n = std::uint64_t{1} << (c.scrypt_log2n & 63),
            .r = c.scrypt_r,
            .p = c.scrypt_p,
            .salt = std::move(salt),
            .expected = std::move(digest)};
}

Pbkdf2 pbkdf2_of(const HasherConfig& c, std::string salt, std::string digest) {
    using Digest = HasherConfig::Pbkdf2Digest;
    const Hash hash = c.pbkdf2_digest == Digest::sha1     ? Hash::sha1
                      : c.pbkdf2_digest == Digest::sha224 ? Hash::sha224
                      : c.pbkdf2_digest == Digest::sha256 ? Hash::sha256
                      : c.pbkdf2_digest == Digest::sha384 ? Hash::sha384
                                                          : Hash::sha512;
    return {.hash = hash, .iterations = c.pbkdf2_iterations, .salt = std::move(salt), .expected = std::move(digest)};
}

std::size_t digest_bytes(const HasherConfig& c) {
    if (c.algorithm == Algorithm::bcrypt) return kBcryptDigestBytes;
    return c.algorithm == Algorithm::pbkdf2 ? hash_size(pbkdf2_of(c, {}, {}).hash) : kDigestBytes;
}

Result<void> check_new_password(std::string_view password, Algorithm algorithm) {
    if (password.empty()) return fail(Code::invalid_argument, "PASSWORD-Em0ty", "The password is empty");
    if (utf8_length(password) > kMaxPasswordCharacters || password.size() > kMaxCandidateBytes) {
        return fail(Code::invalid_argument, "PASSWORD-L0ng2", "The password has more than 200 characters");
    }
    if (password.find('\0') != std::string_view::npos)
        return fail(Code::invalid_argument, "PASSWORD-Nu1in", "The password has a NUL character");
    if (algorithm == Algorithm::bcrypt && password.size() > kMaxBcryptBytes) {
        return fail(Code::invalid_argument, "PASSWORD-L0ng7", "The password has more than 72 bytes");
    }
    return {};
}

}  // namespace

std::optional<Algorithm> find_hasher_algorithm(std::string_view name) {
    const std::string wanted = normalised_name(name);
    if (wanted == "argon2id") return Algorithm::argon2id;
    if (wanted == "argon2i") return Algorithm::argon2i;
    if (wanted == "bcrypt") return Algorithm::bcrypt;
    if (wanted == "scrypt") return Algorithm::scrypt;
    if (wanted == "pbkdf2") return Algorithm::pbkdf2;
    return std::nullopt;
}

Result<Hasher> Hasher::make(const HasherConfig& config, HashMemory& memory, const Verifier& verifier) {
    // One reading only (scrypt.cc): an exponent of 32 would be read as N = 32.
    if (config.algorithm == Algorithm::scrypt && (config.scrypt_log2n < 1 || config.scrypt_log2n > 31)) {
        return fail(Code::invalid_argument, "PASSWORD-Cf0sc", "The cost of the scrypt hasher is not between 1 and 31");
    }
    Hasher out(config, memory, verifier);
    out.dummy_ = out.encode(random_bytes(kSaltBytes), random_bytes(digest_bytes(config)));
    auto accepted = verifier.accept(out.dummy_);
    if (!accepted)
        return fail(Code::invalid_argument, "PASSWORD-Cf0hs", "The configured password hasher cannot be used: " + accepted.error().message);
    out.memory_bytes_ = accepted->cost.memory_bytes;
    return out;
}

std::string Hasher::encode(std::string salt, std::string digest) const {
    switch (config_.algorithm) {
        case Algorithm::argon2id:
        case Algorithm::argon2i:
            return encode_argon2(argon2_of(config_, std::move(salt), std::move(digest)));
        case Algorithm::bcrypt:
            return encode_bcrypt(bcrypt_of(config_, salt, std::move(digest)));
        case Algorithm::scrypt:
            return encode_scrypt(scrypt_of(config_, std::move(salt), std::move(digest)));
        case Algorithm::pbkdf2:
            break;
    }
    return encode_pbkdf2(pbkdf2_of(config_, std::move(salt), std::move(digest)));
}

Result<std::string> Hasher::hash(std::string_view password, Deadline deadline) const {
    TRY(check_new_password(password, config_.algorithm));
    auto memory = TRY(memory_->reserve(memory_bytes_, deadline));
    std::string salt = random_bytes(kSaltBytes);
    std::string digest;
    switch (config_.algorithm) {
        case Algorithm::argon2id:
        case Algorithm::argon2i:
            digest = TRY(argon2(password, argon2_of(config_, salt, {}), kDigestBytes, memory.bytes()));
            break;
        case Algorithm::bcrypt:
            digest = bcrypt(password, bcrypt_of(config_, salt, {})).value_or("");
            break;
        case Algorithm::scrypt:
            digest = TRY(scrypt(password, scrypt_of(config_, salt, {}), kDigestBytes));
            break;
        case Algorithm::pbkdf2: {
            const Pbkdf2 p = pbkdf2_of(config_, salt, {});
            digest = pbkdf2(p.hash, password, p.salt, p.iterations, hash_size(p.hash));
        }
    }
    if (digest.empty()) return fail(Code::internal, "PASSWORD-Hs0in", "The password could not be hashed");
    return encode(std::move(salt), std::move(digest));
}

bool Hasher::needs_rehash(std::string_view encoded) const {
    // All but the salt and the digest stands before the second '$' from the end (for bcrypt: the last); sizes show in the length.
    if (encoded.size() != dummy_.size()) return true;
    std::string_view setting(dummy_);
    setting = setting.substr(0, setting.rfind('$'));
    if (config_.algorithm != Algorithm::bcrypt) return !encoded.starts_with(setting.substr(0, setting.rfind('$') + 1));
    // "$2a$12", "$2b$12" and "$2y$12" are one setting.
    return !(encoded.starts_with("$2a$") || encoded.starts_with("$2b$") || encoded.starts_with("$2y$")) ||
           encoded.substr(4, 3) != std::string_view(dummy_).substr(4, 3);
}

Result<void> Hasher::dummy_verify(std::string_view password, Deadline deadline) const {
    TRY(verifier_->verify(password, dummy_, deadline));
    return {};
}

}  // namespace godwit::password
