#include "credentials/password/bcrypt.h"

#include <crypt.h>

#include <cstring>
#include <memory>

#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::size_t kKeyBytes = 72;
constexpr std::size_t kSaltChars = 22;
constexpr std::size_t kDigestChars = 31;
constexpr std::size_t kDigestBytes = 23;

std::string setting(const Bcrypt& b) {
    const std::string rounds = std::to_string(b.rounds_log2);
    // libxcrypt alters $2a$ for passwords that an old bug of PHP confused; $2b$ is the plain algorithm all of them mean.
    return "$2b$" + std::string(rounds.size() == 1 ? "0" : "") + rounds + "$" + b.salt;
}

class BcryptRecipe final : public Recipe {
public:
    explicit BcryptRecipe(Bcrypt parameters) : p_(std::move(parameters)) {}
    std::string algorithm() const override { return "bcrypt"; }

    Result<Cost> cost(const CostLimits& limits) const override {
        if (p_.rounds_log2 < 4 || p_.rounds_log2 > 31) return refused("the cost of bcrypt is not between 4 and 31");
        TRY(check_limit("the cost of bcrypt", p_.rounds_log2, limits.bcrypt_cost));
        return Cost{.memory_bytes = 0, .weak = false, .parameters = {{"cost", std::to_string(p_.rounds_log2)}}};
    }

    Result<bool> verify(std::string_view password, Work&) const override {
        const auto computed = bcrypt(password, p_);
        return computed && equal_secret(*computed, p_.expected);
    }

private:
    const Bcrypt p_;
};

class BcryptScheme final : public Scheme {
public:
    std::string_view name() const override { return "bcrypt"; }
    std::vector<Form> forms() const override {
        return {{"$2b$COST$SALTDIGEST",
                 "also $2a$, $2y$ (the same) and $2$ (key without its final NUL); $2x$ is refused; passwords are cut at 72 bytes, with NUL "
                 "inside they never match"}};
    }
    bool claims(std::string_view encoded) const override { return looks_like_bcrypt(encoded); }
    Result<RecipePtr> parse(std::string_view encoded) const override { return parse_bcrypt(encoded); }
};

}  // namespace

RecipePtr make_recipe(Bcrypt parameters) { return std::make_unique<BcryptRecipe>(std::move(parameters)); }

std::optional<std::string> bcrypt(std::string_view password, const Bcrypt& b) {
    if (password.find('\0') != std::string_view::npos) return std::nullopt;
    std::string key(password.substr(0, kKeyBytes));
    if (b.original) {
        // The key schedule reads 72 bytes round and round; filled to that, no final NUL is ever read.
        if (key.empty()) return std::nullopt;
        const std::string once = key;
        while (key.size() < kKeyBytes) key += once;
        key.resize(kKeyBytes);
    }
    const auto state = std::make_unique<crypt_data>();
    const char* const out = crypt_rn(key.c_str(), setting(b).c_str(), state.get(), sizeof *state);
    std::optional<std::string> digest;
    if (out != nullptr && std::string_view(out).size() == 60) digest = decode_rad64(std::string_view(out).substr(60 - kDigestChars));
    explicit_bzero(state.get(), sizeof *state);
    explicit_bzero(key.data(), key.size());
    return digest;
}

std::string encode_bcrypt(const Bcrypt& b) { return setting(b) + encode_rad64(b.expected); }

bool looks_like_bcrypt(std::string_view encoded) {
    return encoded.starts_with("$2$") || encoded.starts_with("$2a$") || encoded.starts_with("$2b$") || encoded.starts_with("$2y$");
}

Result<RecipePtr> parse_bcrypt(std::string_view encoded) {
    if (encoded.starts_with("$2x$")) return refused("$2x$ marks hashes of a faulty implementation; the password must be reset");
    const auto fields = split(encoded, '$');
    if (!looks_like_bcrypt(encoded) || fields.size() != 4) return refused("bcrypt has the form $2b$COST$ and 53 characters");
    const auto cost = fields[2].size() == 2 ? parse_number(fields[2]) : std::nullopt;
    if (!cost) return refused("the cost of bcrypt is not two digits");
    if (fields[3].size() != kSaltChars + kDigestChars) return refused("bcrypt needs 53 characters after its cost; it looks cut or padded");
    auto digest = decode_rad64(fields[3].substr(kSaltChars));
    if (!digest || digest->size() != kDigestBytes || !decode_rad64(fields[3].substr(0, kSaltChars))) {
        return refused("bcrypt with a character outside of its base64");
    }
    return make_recipe(Bcrypt{.original = fields[1] == "2",
                              .rounds_log2 = *cost,
                              .salt = std::string(fields[3].substr(0, kSaltChars)),
                              .expected = std::move(*digest)});
}

std::unique_ptr<const Scheme> bcrypt_scheme() { return std::make_unique<BcryptScheme>(); }

}  // namespace godwit::password
