// scrypt (RFC 7914): the PHC form in its two readings, and the computation under other dialects.
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

struct Scrypt {
    std::uint64_t n = 0;  ///< N itself, a power of two
    std::uint64_t r = 0;
    std::uint64_t p = 0;
    std::string salt;
    std::string expected;
};
RecipePtr make_recipe(Scrypt parameters);

/// Limits and the shape of N; the memory is in the Cost.
Result<Cost> scrypt_cost(const Scrypt& parameters, const CostLimits& limits);
/// `parameters` passed scrypt_cost; resource_exhausted when the system has no memory. `expected` is not read.
Result<std::string> scrypt(std::string_view password, const Scrypt& parameters, std::size_t length);

/// "$scrypt$ln=15,r=8,p=1$<salt>$<digest>", unpadded base64; N is a power of two below 2^32.
std::string encode_scrypt(const Scrypt& parameters);

}  // namespace godwit::password
