// Phpass's portable hashes ($P$, phpBB's $H$) and Drupal 7's ($S$), with the "U" that marks what Drupal 7 made of Drupal 6's md5.
// Source: the description in phpass's "PasswordHash" documentation; Drupal's includes/password.inc documents its variant.
#include "base/encoding.h"
#include "credentials/password/digest.h"
#include "credentials/password/prehash.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::size_t kSaltChars = 8;
constexpr std::size_t kSettingChars = 12;  // "$P$", count, salt
constexpr std::size_t kDrupalChars = 55;   // Drupal cuts the whole string there

class PhpassRecipe final : public Recipe {
public:
    PhpassRecipe(Hash hash, unsigned rounds_log2, std::string_view salt, std::string_view expected)
        : hash_(hash), rounds_log2_(rounds_log2), salt_(salt), expected_(expected) {}

    std::string algorithm() const override { return hash_ == Hash::md5 ? "phpass" : "drupal7"; }

    Result<Cost> cost(const CostLimits& limits) const override {
        if (rounds_log2_ < 7 || rounds_log2_ > 30) return refused("the count of phpass is not between 2^7 and 2^30");
        TRY(check_limit("the count of phpass", std::uint64_t{1} << rounds_log2_, limits.digest_rounds));
        return Cost{.memory_bytes = 0, .weak = false, .parameters = {{"rounds", std::to_string(std::uint64_t{1} << rounds_log2_)}}};
    }

    Result<bool> verify(std::string_view password, Work&) const override {
        Digester digest(hash_);
        std::string x = digest({salt_, password});
        for (std::uint64_t i = std::uint64_t{1} << rounds_log2_; i > 0; --i) x = digest({x, password});
        return equal_secret(std::string_view(encode_h64(x)).substr(0, expected_.size()), expected_);
    }

private:
    const Hash hash_;
    const unsigned rounds_log2_;
    const std::string salt_;
    const std::string expected_;
};

std::string md5_hex(std::string_view password, std::string_view) { return hex_encode(digest(Hash::md5, {password})); }

bool portable(std::string_view encoded) { return encoded.starts_with("$P$") || encoded.starts_with("$H$"); }

Result<RecipePtr> parse_phpass(std::string_view encoded) {
    const std::size_t size = portable(encoded) ? kSettingChars + 22 : kDrupalChars;
    if (encoded.size() != size) return refused("phpass hashes have 34 characters, Drupal's 55; this one is cut or damaged");
    for (const char c : encoded.substr(3)) {
        // The salt is text, but both programs only ever draw it from this alphabet.
        if (h64_value(c) < 0) return refused("phpass with a character outside of its alphabet");
    }
    return std::make_unique<PhpassRecipe>(portable(encoded) ? Hash::md5 : Hash::sha512, static_cast<unsigned>(h64_value(encoded[3])),
                                          encoded.substr(4, kSaltChars), encoded.substr(kSettingChars));
}

class PhpassScheme final : public Scheme {
public:
    std::string_view name() const override { return "phpass"; }
    std::vector<Form> forms() const override {
        return {{"$P$COUNT SALT DIGEST", "WordPress before 6.8; $H$ for phpBB 3 (34 characters, no spaces)"}};
    }
    bool claims(std::string_view encoded) const override { return portable(encoded); }
    Result<RecipePtr> parse(std::string_view encoded) const override { return parse_phpass(encoded); }
};

class DrupalScheme final : public Scheme {
public:
    std::string_view name() const override { return "drupal7"; }
    std::vector<Form> forms() const override {
        return {{"$S$COUNT SALT DIGEST", "Drupal 7 to 10.0 (55 characters, no spaces)"},
                {"U$S$…, U$P$…, U$H$…", "made from the md5 of Drupal 6"}};
    }
    bool claims(std::string_view encoded) const override {
        return encoded.starts_with("$S$") || encoded.starts_with("U$S$") || (encoded.starts_with('U') && portable(encoded.substr(1)));
    }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        if (!encoded.starts_with('U')) return parse_phpass(encoded);
        return prehashed("drupal7", md5_hex, {}, TRY(parse_phpass(encoded.substr(1))));
    }
};

}  // namespace

std::unique_ptr<const Scheme> phpass_scheme() { return std::make_unique<PhpassScheme>(); }
std::unique_ptr<const Scheme> drupal_scheme() { return std::make_unique<DrupalScheme>(); }

}  // namespace godwit::password
