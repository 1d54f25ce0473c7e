// Django's "algorithm$…" strings (also authentik's). Source: docs.djangoproject.com, "Password management in Django".
#include "base/encoding.h"
#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/prehash.h"
#include "credentials/password/salted.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

std::string sha256_hex(std::string_view password, std::string_view) { return hex_encode(digest(Hash::sha256, {password})); }

// "pbkdf2_sha256$iterations$literal salt$base64"
Result<RecipePtr> parse_pbkdf2(Hash hash, const std::vector<std::string_view>& fields) {
    if (fields.size() != 4) return refused("pbkdf2 of Django has iterations, a salt and a digest");
    const auto iterations = parse_number(fields[1]);
    const auto expected = decode_base64_any(fields[3]);
    if (!iterations || !expected) return refused("pbkdf2 of Django has iterations, a salt and a digest");
    return make_recipe(Pbkdf2{.hash = hash, .iterations = *iterations, .salt = std::string(fields[2]), .expected = *expected});
}

// "scrypt$N$literal salt$r$p$base64"
Result<RecipePtr> parse_scrypt(const std::vector<std::string_view>& fields) {
    if (fields.size() != 6) return refused("scrypt of Django has N, a salt, r, p and a digest");
    const auto n = parse_number(fields[1]);
    const auto r = parse_number(fields[3]);
    const auto p = parse_number(fields[4]);
    const auto expected = decode_base64_any(fields[5]);
    if (!n || !r || !p || !expected) return refused("scrypt of Django has N, a salt, r, p and a digest");
    return make_recipe(Scrypt{.n = *n, .r = *r, .p = *p, .salt = std::string(fields[2]), .expected = *expected});
}

// "md5$literal salt$hex", also with an empty salt
Result<RecipePtr> parse_digest(Hash hash, const std::vector<std::string_view>& fields) {
    if (fields.size() != 3 || !is_hex(fields[2], hash_size(hash))) return refused("a digest of Django has a salt and hex digits");
    return make_digest(hash, fields[1].empty() ? Salted::Place::none : Salted::Place::prefix, std::string(fields[1]),
                       *hex_decode(fields[2]));
}

class DjangoScheme final : public Scheme {
public:
    std::string_view name() const override { return "django"; }
    std::vector<Form> forms() const override {
        return {{"pbkdf2_sha256$ITERATIONS$SALT$BASE64", "the salt is literal text; also pbkdf2_sha1"},
                {"argon2$argon2id$…", "PHC after the word"},
                {"bcrypt$$2b$…", "bcrypt after the word"},
                {"bcrypt_sha256$$2b$…", "bcrypt over the hex digits of SHA-256"},
                {"scrypt$N$SALT$R$P$BASE64", ""},
                {"md5$SALT$HEX, sha1$SALT$HEX", "digest of salt and password; the salt may be empty"}};
    }
    bool claims(std::string_view encoded) const override {
        for (const std::string_view prefix :
             {"pbkdf2_sha256$", "pbkdf2_sha1$", "argon2$argon2", "bcrypt$$2", "bcrypt_sha256$$2", "scrypt$", "md5$", "sha1$"}) {
            if (encoded.starts_with(prefix)) return true;
        }
        return false;
    }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::string_view word = encoded.substr(0, encoded.find('$'));
        const std::string_view rest = encoded.substr(std::min(encoded.size(), word.size() + 1));
        if (word == "argon2") return parse_argon2(rest);
        if (word == "bcrypt") return parse_bcrypt(rest);
        if (word == "bcrypt_sha256") return prehashed("bcrypt-sha256", sha256_hex, {}, TRY(parse_bcrypt(rest)));
        const auto fields = split(encoded, '$');
        if (word == "pbkdf2_sha256") return parse_pbkdf2(Hash::sha256, fields);
        if (word == "pbkdf2_sha1") return parse_pbkdf2(Hash::sha1, fields);
        if (word == "scrypt") return parse_scrypt(fields);
        if (word == "md5") return parse_digest(Hash::md5, fields);
        if (word == "sha1") return parse_digest(Hash::sha1, fields);
        return refused("unknown hasher of Django");
    }
};

}  // namespace

std::unique_ptr<const Scheme> django_scheme() { return std::make_unique<DjangoScheme>(); }

}  // namespace godwit::password
