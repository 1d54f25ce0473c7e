// MediaWiki's ":type:…" strings, with the layered ones that wrap an old digest. Source: mediawiki.org, Manual:$wgPasswordConfig.
#include "base/encoding.h"
#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/prehash.h"
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

std::string type_a(std::string_view password, std::string_view) { return hex_encode(digest(Hash::md5, {password})); }
std::string type_b(std::string_view password, std::string_view salt) {
    return hex_encode(digest(Hash::md5, {salt, "-", type_a(password, {})}));
}
std::string salted_inner(std::string_view password, std::string_view) { return "-" + type_a(password, {}); }

RecipePtr md5_of(std::string_view salt, std::string_view hex) {
    return make_digest(Hash::md5, salt.empty() ? Salted::Place::none : Salted::Place::prefix, std::string(salt), *hex_decode(hex));
}

// "sha512:30000:64" with salt and digest in base64
Result<RecipePtr> build_pbkdf2(std::string_view parameters, std::string_view salt, std::string_view expected) {
    const auto fields = split(parameters, ':');
    const auto hash = fields.size() == 3 ? find_pbkdf2_hash(fields[0]) : std::nullopt;
    const auto iterations = hash ? parse_number(fields[1]) : std::nullopt;
    const auto length = hash ? parse_number(fields[2]) : std::nullopt;
    const auto salt_bytes = decode_base64_any(salt);
    const auto bytes = decode_base64_any(expected);
    if (!iterations || !length || !salt_bytes || !bytes || bytes->size() != *length)
        return refused("pbkdf2 of MediaWiki has digest, iterations, length, salt and key");
    return make_recipe(Pbkdf2{.hash = *hash, .iterations = *iterations, .salt = *salt_bytes, .expected = *bytes});
}

// "!sha512:30000:64!<salt of B>!<salt>!<key>": parameters of both layers, then salts of both, then the key.
Result<RecipePtr> parse_layered(std::string_view rest, bool salted) {
    const auto fields = split(rest, '!');
    if (fields.size() != 5 || !fields[0].empty() || fields[2].empty() == salted)
        return refused("a layered hash of MediaWiki with other layers than pbkdf2 over A or B");
    return prehashed("mediawiki", salted ? type_b : type_a, std::string(fields[2]), TRY(build_pbkdf2(fields[1], fields[3], fields[4])));
}

class MediawikiScheme final : public Scheme {
public:
    std::string_view name() const override { return "mediawiki"; }
    std::vector<Form> forms() const override {
        return {{":A:HEX, :B:SALT:HEX", "md5; md5 of the salt, '-' and the md5"},
                {":pbkdf2:DIGEST:ITERATIONS:LENGTH:SALT:KEY", ""},
                {":pbkdf2-legacyA:…, :pbkdf2-legacyB:…", "pbkdf2 over an A or B hash"},
                {":bcrypt:COST$SALT$DIGEST, :argon2:$argon2…", ""}};
    }
    bool claims(std::string_view encoded) const override {
        for (const std::string_view prefix : {":A:", ":B:", ":pbkdf2:", ":pbkdf2-legacyA:", ":pbkdf2-legacyB:", ":bcrypt:", ":argon2:"}) {
            if (encoded.starts_with(prefix)) return true;
        }
        return false;
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::size_t colon = encoded.find(':', 1);
        if (!encoded.starts_with(':') || colon == std::string_view::npos) return refused("unknown type of MediaWiki");
        const std::string_view type = encoded.substr(1, colon - 1);
        const std::string_view rest = encoded.substr(colon + 1);
        if (type == "argon2") return parse_argon2(rest);
        if (type == "pbkdf2-legacyA" || type == "pbkdf2-legacyB") return parse_layered(rest, type.ends_with('B'));
        if (type == "bcrypt") return parse_parted_bcrypt(rest);
        const auto fields = split(rest, ':');
        if (type == "pbkdf2" && fields.size() == 5)
            return build_pbkdf2(rest.substr(0, rest.find(':', rest.find(':', rest.find(':') + 1) + 1)), fields[3], fields[4]);
        if (type == "A" && fields.size() == 1 && is_hex(fields[0], 16)) return md5_of({}, fields[0]);
        if (type == "B" && fields.size() == 2 && is_hex(fields[1], 16)) {
            return prehashed("mediawiki", salted_inner, {}, md5_of(fields[0], fields[1]));
        }
        return refused("a hash of MediaWiki with a part that is missing or damaged");
    }

private:
    // "12$<22>$<31>"; older exports have ':' between the parts.
    static Result<RecipePtr> parse_parted_bcrypt(std::string_view rest) {
        const auto fields = split(rest, rest.find('$') == std::string_view::npos ? ':' : '$');
        if (fields.size() != 3 || fields[0].empty() || fields[0].size() > 2)
            return refused("bcrypt of MediaWiki has a cost, a salt and a digest");
        return parse_bcrypt("$2y$" + std::string(2 - fields[0].size(), '0') + std::string(fields[0]) + "$" + std::string(fields[1]) +
                            std::string(fields[2]));
    }
};

}  // namespace

std::unique_ptr<const Scheme> mediawiki_scheme() { return std::make_unique<MediawikiScheme>(); }

}  // namespace godwit::password
