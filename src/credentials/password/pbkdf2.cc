#include "credentials/password/pbkdf2.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <limits>

#include "base/encoding.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

class Pbkdf2Recipe final : public Recipe {
public:
    explicit Pbkdf2Recipe(Pbkdf2 parameters) : p_(std::move(parameters)) {}

    std::string algorithm() const override { return "pbkdf2-" + std::string(hash_name(p_.hash)); }

    Result<Cost> cost(const CostLimits& limits) const override {
        TRY(check_sizes(p_.salt.size(), p_.expected.size(), limits));
        // Each block of output runs all the iterations again.
        const std::uint64_t blocks = (p_.expected.size() + hash_size(p_.hash) - 1) / hash_size(p_.hash);
        TRY(check_limit("iterations", p_.iterations, std::numeric_limits<std::int32_t>::max()));  // OpenSSL's argument is an int
        TRY(check_limit("iterations * output blocks", saturating_product(p_.iterations, blocks), limits.pbkdf2_iterations));
        return Cost{.memory_bytes = 0,
                    .weak = false,
                    .parameters = {{"digest", std::string(hash_name(p_.hash))},
                                   {"iterations", std::to_string(p_.iterations)},
                                   {"keyLength", std::to_string(p_.expected.size())}}};
    }

    Result<bool> verify(std::string_view password, Work&) const override {
        return equal_secret(pbkdf2(p_.hash, password, p_.salt, p_.iterations, p_.expected.size()), p_.expected);
    }

private:
    const Pbkdf2 p_;
};

// "$pbkdf2$", "$pbkdf2-sha256$", "{PBKDF2-SHA512}" name the digest the same way; no name is SHA-1.
std::optional<Hash> hash_after(std::string_view label) {
    if (label.empty()) return Hash::sha1;
    if (!label.starts_with('-')) return std::nullopt;
    return find_pbkdf2_hash(label.substr(1));
}

class Pbkdf2Scheme final : public Scheme {
public:
    std::string_view name() const override { return "pbkdf2"; }
    std::vector<Form> forms() const override {
        return {{"$pbkdf2-sha256$ITERATIONS$SALT$DIGEST",
                 "passlib, GitLab: base64 with '.' or '+', padded or not; also $pbkdf2$ (SHA-1), -sha1, -sha512"},
                {"$pbkdf2-sha256$i=ITERATIONS,l=LENGTH$SALT$DIGEST", "PHC, Ory, Auth0; the length that counts is the digest's own"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with("$pbkdf2$") || encoded.starts_with("$pbkdf2-"); }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, '$');
        if (fields.size() != 5) return refused("PBKDF2 has four fields after its first '$'");
        const auto hash = hash_after(fields[1].substr(std::string_view("pbkdf2").size()));
        if (!hash) return refused("PBKDF2 with an unknown digest");
        Pbkdf2 out{.hash = *hash, .iterations = 0, .salt = {}, .expected = {}};
        auto iterations = parse_number(fields[2]);
        if (!iterations) {
            const auto values = KeyValues::parse(fields[2]);
            if (!values || !values->only({"i", "l"})) return refused("PBKDF2 iterations are not a number");
            iterations = values->number("i");
            if (!iterations || (values->find("l") && !values->number("l"))) return refused("PBKDF2 iterations are not a number");
        }
        out.iterations = *iterations;
        const auto salt = decode_base64_any(fields[3]);
        const auto expected = decode_base64_any(fields[4]);
        if (!salt || !expected) return refused("the salt or the digest of PBKDF2 is not base64");
        out.salt = *salt;
        out.expected = *expected;
        return make_recipe(std::move(out));
    }
};

}  // namespace

RecipePtr make_recipe(Pbkdf2 parameters) { return std::make_unique<Pbkdf2Recipe>(std::move(parameters)); }

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint64_t iterations, std::size_t length) {
    std::string out(length, '\0');
    const EVP_MD* const md = hash == Hash::md5      ? EVP_md5()
                             : hash == Hash::sha1   ? EVP_sha1()
                             : hash == Hash::sha224 ? EVP_sha224()
                             : hash == Hash::sha256 ? EVP_sha256()
                             : hash == Hash::sha384 ? EVP_sha384()
                                                    : EVP_sha512();
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), reinterpret_cast<const unsigned char*>(salt.data()),
                          static_cast<int>(salt.size()), static_cast<int>(iterations), md, static_cast<int>(length),
                          reinterpret_cast<unsigned char*>(out.data())) != 1) {
        std::abort();  // the numbers were checked; only a broken OpenSSL fails here
    }
    return out;
}

std::string encode_pbkdf2(const Pbkdf2& p) {
    return "$pbkdf2" + (p.hash == Hash::sha1 ? std::string() : "-" + std::string(hash_name(p.hash))) + "$" + std::to_string(p.iterations) +
           "$" + encode_ab64(p.salt) + "$" + encode_ab64(p.expected);
}

std::optional<Hash> find_pbkdf2_hash(std::string_view name) {
    const auto hash = find_hash(name);
    return hash == Hash::md4 ? std::nullopt : hash;
}

std::unique_ptr<const Scheme> pbkdf2_scheme() { return std::make_unique<Pbkdf2Scheme>(); }

}  // namespace godwit::password
