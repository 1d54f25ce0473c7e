#include "credentials/password/scrypt.h"

#include <openssl/evp.h>

#include <bit>

#include "base/encoding.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

class ScryptRecipe final : public Recipe {
public:
    explicit ScryptRecipe(Scrypt parameters) : p_(std::move(parameters)) {}
    std::string algorithm() const override { return "scrypt"; }
    Result<Cost> cost(const CostLimits& limits) const override {
        TRY(check_sizes(p_.salt.size(), p_.expected.size(), limits));
        return scrypt_cost(p_, limits);
    }
    Result<bool> verify(std::string_view password, Work&) const override {
        return equal_secret(TRY(scrypt(password, p_, p_.expected.size())), p_.expected);
    }

private:
    const Scrypt p_;
};

class ScryptScheme final : public Scheme {
public:
    std::string_view name() const override { return "scrypt"; }
    std::vector<Form> forms() const override {
        return {{"$scrypt$ln=LOG2N,r=R,p=P$SALT$DIGEST", "PHC, passlib, ZITADEL: ln below 32"},
                {"$scrypt$ln=N,r=R,p=P$SALT$DIGEST", "Ory Kratos: ln from 32 on is N itself"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with("$scrypt$"); }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, '$');
        if (fields.size() != 5) return refused("scrypt has four fields after its first '$'");
        const auto values = KeyValues::parse(fields[2]);
        if (!values || !values->only({"ln", "r", "p"})) return refused("scrypt parameters are ln, r and p");
        const auto ln = values->number("ln");
        const auto r = values->number("r");
        const auto p = values->number("p");
        const auto salt = decode_base64_any(fields[3]);
        const auto expected = decode_base64_any(fields[4]);
        if (!ln || !r || !p) return refused("scrypt parameters are not numbers");
        if (!salt || !expected) return refused("the salt or the digest of scrypt is not base64");
        // 2^32 rounds are out of reach and N = 16 was never sensible: below 32 it is an exponent, from 32 on the number itself.
        const std::uint64_t n = *ln < 32 ? std::uint64_t{1} << *ln : *ln;
        return make_recipe(Scrypt{.n = n, .r = *r, .p = *p, .salt = *salt, .expected = *expected});
    }
};

}  // namespace

RecipePtr make_recipe(Scrypt parameters) { return std::make_unique<ScryptRecipe>(std::move(parameters)); }

Result<Cost> scrypt_cost(const Scrypt& s, const CostLimits& limits) {
    if (s.n < 2 || !std::has_single_bit(s.n)) return refused("N of scrypt is not a power of two above 1");
    const std::uint64_t memory = saturating_product(saturating_product(128, s.n), s.r);
    TRY(check_limit("128 * N * r of scrypt", memory, limits.scrypt_memory_bytes));
    TRY(check_limit("128 * N * r * p of scrypt", saturating_product(memory, s.p), limits.scrypt_work_bytes));
    if (s.r * 16 < 64 && s.n >> (s.r * 16) != 0) return refused("N of scrypt is too large for its r (RFC 7914 section 2)");
    return Cost{.memory_bytes = memory + 128 * s.r * s.p,
                .weak = false,
                .parameters = {{"cost", std::to_string(s.n)}, {"blockSize", std::to_string(s.r)}, {"parallelism", std::to_string(s.p)}}};
}

Result<std::string> scrypt(std::string_view password, const Scrypt& s, std::size_t length) {
    std::string out(length, '\0');
    // OpenSSL's own ceiling counts a little more than 128 * N * r; ours was checked already.
    const std::uint64_t ceiling = 128 * s.r * (s.n + s.p + 2) + 4096;
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(s.salt.data()), s.salt.size(), s.n, s.r,
                       s.p, ceiling, reinterpret_cast<unsigned char*>(out.data()), length) != 1) {
        return fail(Code::resource_exhausted, "PASSWORD-Scr0M", "Not enough memory to check this password");
    }
    return out;
}

std::string encode_scrypt(const Scrypt& s) {
    return "$scrypt$ln=" + std::to_string(std::countr_zero(s.n)) + ",r=" + std::to_string(s.r) + ",p=" + std::to_string(s.p) + "$" +
           base64_encode(s.salt, Base64::standard_unpadded) + "$" + base64_encode(s.expected, Base64::standard_unpadded);
}

std::unique_ptr<const Scheme> scrypt_scheme() { return std::make_unique<ScryptScheme>(); }

}  // namespace godwit::password
