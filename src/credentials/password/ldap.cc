// userPassword values of directories: RFC 2307 and the schemes OpenLDAP, 389 Directory Server and Atlassian Crowd added.
// Sources: openldap.org "Password Storage" (slapd.conf, pw-pbkdf2, pw-argon2), 389-ds design page "PBKDF2".
#include <array>

#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/braces.h"
#include "credentials/password/crypt.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {

std::optional<Braced> find_braced(std::string_view encoded) {
    if (!encoded.starts_with('{')) return std::nullopt;
    const std::size_t close = encoded.find('}');
    if (close == std::string_view::npos || close == 1 || close > 40) return std::nullopt;
    const std::string_view tag = encoded.substr(1, close - 1);
    if (tag.find_first_of("{\" \t\r\n") != std::string_view::npos) return std::nullopt;  // JSON
    return Braced{.tag = std::string(tag), .rest = encoded.substr(close + 1)};
}

namespace {

struct DigestTag {
    std::string_view tag;  // normalised
    Hash hash;
    bool salted;
};
constexpr std::array<DigestTag, 10> kDigestTags{{{"md5", Hash::md5, false},
                                                 {"smd5", Hash::md5, true},
                                                 {"sha", Hash::sha1, false},
                                                 {"ssha", Hash::sha1, true},
                                                 {"sha256", Hash::sha256, false},
                                                 {"ssha256", Hash::sha256, true},
                                                 {"sha384", Hash::sha384, false},
                                                 {"ssha384", Hash::sha384, true},
                                                 {"sha512", Hash::sha512, false},
                                                 {"ssha512", Hash::sha512, true}}};

// RFC 2307: scheme names do not mind their case. Spring's do, and its digests are hex; "{SHA-256}" is Spring's, "{SHA256}" ours.
std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

const DigestTag* find_digest_tag(std::string_view tag) {
    for (const DigestTag& entry : kDigestTags) {
        if (entry.tag == tag) return &entry;
    }
    return nullptr;
}

bool spring_shape(const DigestTag& tag, std::string_view rest) {
    // {sha256} with 40 bytes in hex is StandardPasswordEncoder; {MD5} with hex, or with "{salt}" before it, MessageDigestPasswordEncoder.
    return rest.starts_with('{') || is_hex(rest, hash_size(tag.hash)) || (tag.hash == Hash::sha256 && is_hex(rest, 40));
}

Result<RecipePtr> parse_digest(const DigestTag& tag, std::string_view rest) {
    const auto bytes = decode_base64_any(rest);
    if (!bytes || bytes->size() < hash_size(tag.hash)) return refused("what follows the scheme is not base64 of a whole digest");
    std::string salt = bytes->substr(hash_size(tag.hash));
    if (tag.salted == salt.empty()) return refused(tag.salted ? "a salted scheme without a salt" : "a scheme without salt is too long");
    return make_digest(tag.hash, tag.salted ? Salted::Place::suffix : Salted::Place::none, std::move(salt),
                       bytes->substr(0, hash_size(tag.hash)));
}

// "{PBKDF2-SHA256}10000$salt$digest", ab64.
Result<RecipePtr> parse_pbkdf2(std::string_view tag, std::string_view rest) {
    const auto hash = tag == "pbkdf2" ? Hash::sha1 : find_pbkdf2_hash(tag.substr(7)).value_or(Hash::md4);
    const auto fields = split(rest, '$');
    if (hash == Hash::md4 || fields.size() != 3) return refused("{PBKDF2…} has iterations, a salt and a digest");
    const auto iterations = parse_number(fields[0]);
    const auto salt = decode_base64_any(fields[1]);
    const auto expected = decode_base64_any(fields[2]);
    if (!iterations || !salt || !expected) return refused("{PBKDF2…} has iterations, a salt and a digest");
    return make_recipe(Pbkdf2{.hash = hash, .iterations = *iterations, .salt = *salt, .expected = *expected});
}

// 389 Directory Server: four bytes of iterations (big-endian), 64 of salt, 256 of key.
Result<RecipePtr> parse_389(std::string_view rest) {
    const auto bytes = decode_base64_any(rest);
    if (!bytes || bytes->size() != 4 + 64 + 256) return refused("{PBKDF2_SHA256} has 324 bytes in base64");
    std::uint64_t iterations = 0;
    for (std::size_t i = 0; i < 4; ++i) iterations = iterations << 8 | static_cast<unsigned char>((*bytes)[i]);
    return make_recipe(Pbkdf2{.hash = Hash::sha256, .iterations = iterations, .salt = bytes->substr(4, 64), .expected = bytes->substr(68)});
}

Result<RecipePtr> parse_atlassian(std::string_view rest) {
    const auto bytes = decode_base64_any(rest);
    if (!bytes || bytes->size() != 16 + 32) return refused("{PKCS5S2} has 48 bytes in base64");
    return make_recipe(Pbkdf2{.hash = Hash::sha1, .iterations = 10'000, .salt = bytes->substr(0, 16), .expected = bytes->substr(16)});
}

class LdapScheme final : public Scheme {
public:
    std::string_view name() const override { return "ldap"; }
    std::vector<Form> forms() const override {
        return {{"{SHA}, {SHA256}, {SHA384}, {SHA512}, {MD5} BASE64", "digest"},
                {"{SSHA}, {SSHA256}, {SSHA384}, {SSHA512}, {SMD5} BASE64", "digest of password and salt, then the salt"},
                {"{CRYPT}$6$…", "any crypt(3) or bcrypt form"},
                {"{PBKDF2}, {PBKDF2-SHA1}, {PBKDF2-SHA256}, {PBKDF2-SHA512} ITERATIONS$SALT$DIGEST", "OpenLDAP pw-pbkdf2"},
                {"{PBKDF2_SHA256}BASE64", "389 Directory Server"},
                {"{ARGON2}$argon2…", "OpenLDAP pw-argon2"},
                {"{PKCS5S2}BASE64", "Atlassian Crowd, Jira, Confluence"}};
    }

    bool claims(std::string_view encoded) const override {
        const auto braced = find_braced(encoded);
        if (!braced) return false;
        const std::string tag = lower(braced->tag);
        if (const DigestTag* digest = find_digest_tag(tag)) return !spring_shape(*digest, braced->rest);
        // Spring's {argon2} and {pbkdf2} are lower case; OpenLDAP's salt and digest are parted by '$'.
        if (tag == "argon2") return braced->tag == "ARGON2";
        if (tag == "pbkdf2") return braced->rest.find('$') != std::string_view::npos;
        return tag == "crypt" || tag == "pkcs5s2" || tag == "pbkdf2_sha256" || tag.starts_with("pbkdf2-");
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto braced = find_braced(encoded);
        if (!braced) return refused("no {scheme} at the beginning");
        const std::string tag = lower(braced->tag);
        if (const DigestTag* digest = find_digest_tag(tag)) return parse_digest(*digest, braced->rest);
        if (tag == "crypt") return looks_like_bcrypt(braced->rest) ? parse_bcrypt(braced->rest) : parse_crypt(braced->rest);
        if (tag == "argon2") return parse_argon2(braced->rest);
        if (tag == "pkcs5s2") return parse_atlassian(braced->rest);
        if (tag == "pbkdf2_sha256") return parse_389(braced->rest);
        if (tag.starts_with("pbkdf2")) return parse_pbkdf2(tag, braced->rest);
        return refused("unknown {scheme}");
    }

    bool also_called(std::string_view algorithm, std::string_view encoded) const override {
        const auto braced = find_braced(encoded);
        return braced && (normalised_name(braced->tag) == algorithm || (braced->tag == "PKCS5S2" && algorithm == "atlassian"));
    }
};

}  // namespace

std::unique_ptr<const Scheme> ldap_scheme() { return std::make_unique<LdapScheme>(); }

}  // namespace godwit::password
