// Argon2 (RFC 9106) in the PHC string form, on memory from the shared pool.
#pragma once

#include <span>

#include "credentials/password/scheme.h"

namespace godwit::password {

enum class Argon2Type { d, i, id };

struct Argon2 {
    Argon2Type type = Argon2Type::id;
    std::uint64_t version = 0x13;
    std::uint64_t memory_kib = 0;
    std::uint64_t passes = 0;
    std::uint64_t lanes = 0;
    std::string salt;
    std::string data;  ///< associated data, rarely used
    std::string expected;
};
RecipePtr make_recipe(Argon2 parameters);

/// "argon2id".
std::string argon2_name(Argon2Type type);
/// Bytes to reserve for it.
std::uint64_t argon2_memory_bytes(const Argon2& parameters);
/// `memory` has argon2_memory_bytes or more. All lanes are filled by the calling thread: how many hashes run at once is not for a
/// stored hash to decide. `expected` is not read.
Result<std::string> argon2(std::string_view password, const Argon2& parameters, std::size_t length, std::span<std::byte> memory);
/// "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<digest>".
std::string encode_argon2(const Argon2& parameters);
/// "argon2id$v=19$…" after a prefix of another dialect was taken off, with or without its first '$'.
Result<RecipePtr> parse_argon2(std::string_view phc);
bool looks_like_argon2(std::string_view encoded);

}  // namespace godwit::password
