// Ory Kratos's own forms for digests and HMACs. Source: ory.sh/docs, "Import user accounts identities", hashed passwords.
#include "base/encoding.h"
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPassword = "{PASSWORD}";
constexpr std::string_view kSalt = "{SALT}";

// A digest of a text in which the two words are replaced, e.g. "{SALT}$$$$${PASSWORD}".
class TemplateRecipe final : public Recipe {
public:
    TemplateRecipe(Hash hash, std::string form, std::string salt, std::string expected)
        : hash_(hash), form_(std::move(form)), salt_(std::move(salt)), expected_(std::move(expected)) {}

    std::string algorithm() const override { return std::string(hash_name(hash_)); }
    Result<Cost> cost(const CostLimits& limits) const override {
        if (expected_.size() != hash_size(hash_)) return refused("a digest of the wrong length");
        TRY(check_sizes(salt_.size(), expected_.size(), limits));
        if (form_.size() > 256 || form_.find(kPassword) == std::string::npos)
            return refused("the template has at most 256 bytes and {PASSWORD} in it");
        return Cost{.memory_bytes = 0, .weak = true, .parameters = {{"template", form_}}};
    }
    Result<bool> verify(std::string_view password, Work&) const override {
        const Secret message(fill(password));
        return equal_secret(digest(hash_, {message.reveal()}), expected_);
    }

private:
    std::string fill(std::string_view password) const {
        std::string out;
        for (std::string_view left = form_; !left.empty();) {
            if (left.starts_with(kPassword)) {
                out += password;
                left.remove_prefix(kPassword.size());
            } else if (left.starts_with(kSalt)) {
                out += salt_;
                left.remove_prefix(kSalt.size());
            } else {
                out += left.front();
                left.remove_prefix(1);
            }
        }
        return out;
    }

    const Hash hash_;
    const std::string form_;
    const std::string salt_;
    const std::string expected_;
};

std::optional<Hash> digest_label(std::string_view label) {
    return label == "md5" || label == "sha1" || label == "sha256" || label == "sha512" ? find_hash(label) : std::nullopt;
}

std::optional<Hash> hmac_label(std::string_view label) { return label.starts_with("hmac-") ? find_hash(label.substr(5)) : std::nullopt; }

std::string_view label_of(std::string_view encoded) {
    return encoded.starts_with('$') ? encoded.substr(1, encoded.find('$', 1) - 1) : std::string_view();
}

// "$hmac-sha256$<base64 of the HEX digest>$<base64 key>"
Result<RecipePtr> parse_hmac(Hash hash, const std::vector<std::string_view>& fields) {
    if (fields.size() != 4) return refused("an HMAC of Ory has a digest and a key");
    const auto hex = decode_base64_any(fields[2]);
    const auto key = decode_base64_any(fields[3]);
    if (!hex || !key || key->empty() || !is_hex(*hex, hash_size(hash)))
        return refused("an HMAC of Ory has hex digits in base64, and a key");
    return make_digest(hash, Salted::Place::key, *key, *hex_decode(*hex));
}

class OryScheme final : public Scheme {
public:
    std::string_view name() const override { return "ory"; }
    std::vector<Form> forms() const override {
        return {{"$sha256$pf=TEMPLATE$SALT$DIGEST", "base64 each, the template e.g. {SALT}{PASSWORD}; also md5, sha1, sha512"},
                {"$md5$DIGEST, $sha256$DIGEST", "without a salt"},
                {"$hmac-sha256$HEXDIGEST$KEY", "base64 each; also hmac-md5, -sha1, -sha224, -sha384, -sha512"}};
    }
    bool claims(std::string_view encoded) const override {
        const std::string_view label = label_of(encoded);
        return digest_label(label) || hmac_label(label);
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, '$');
        if (const auto hash = hmac_label(label_of(encoded))) return parse_hmac(*hash, fields);
        const auto hash = digest_label(label_of(encoded));
        if (!hash || (fields.size() != 3 && (fields.size() != 5 || !fields[2].starts_with("pf="))))
            return refused("a digest of Ory has pf=, a salt and a digest, or the digest alone");
        if (fields.size() == 3) {
            const auto expected = decode_base64_any(fields[2]);
            if (!expected) return refused("the digest is not base64");
            return std::make_unique<TemplateRecipe>(*hash, std::string(kPassword), std::string(), *expected);
        }
        const auto form = decode_base64_any(fields[2].substr(3));
        const auto salt = decode_base64_any(fields[3]);
        const auto expected = decode_base64_any(fields[4]);
        if (!form || !salt || !expected) return refused("the template, the salt or the digest is not base64");
        return std::make_unique<TemplateRecipe>(*hash, *form, *salt, *expected);
    }
};

}  // namespace

std::unique_ptr<const Scheme> ory_scheme() { return std::make_unique<OryScheme>(); }

}  // namespace godwit::password
