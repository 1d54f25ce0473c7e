// Spring Security's DelegatingPasswordEncoder: "{id}" and what that encoder wrote.
// Source: docs.spring.io, "Password Storage", and the defaults of each encoder's class documentation.
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/braces.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/salted.h"
#include "credentials/password/schemes.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kLater = "@SpringSecurity_v5_8";

// {noop} holds the password itself. It is never stored: see protect().
class PlainRecipe final : public Recipe {
public:
    explicit PlainRecipe(std::string_view password) : password_(std::string(password)) {}
    std::string algorithm() const override { return "noop"; }
    Result<Cost> cost(const CostLimits&) const override {
        if (password_.empty()) return refused("an empty password");
        if (password_.reveal().size() > kMaxCandidateBytes) return refused("a password of more than 1024 bytes");
        return Cost{.memory_bytes = 0, .weak = true, .parameters = {}};
    }
    Result<bool> verify(std::string_view password, Work&) const override { return equal_secret(password, password_.reveal()); }

private:
    const Secret password_;
};

// MessageDigestPasswordEncoder: "{salt}" + hex(H(password + "{salt}")), the salt may be missing.
Result<RecipePtr> parse_message_digest(Hash hash, std::string_view rest) {
    const auto salt = find_braced(rest);
    if (salt) rest = salt->rest;
    if (!is_hex(rest, hash_size(hash))) return refused("not the hex digits of a " + std::string(hash_name(hash)) + " digest");
    return make_digest(hash, salt ? Salted::Place::braces : Salted::Place::none, salt ? salt->tag : std::string(), *hex_decode(rest));
}

// StandardPasswordEncoder: hex(salt8 H), H = SHA-256 applied 1024 times, first to salt and password.
Result<RecipePtr> parse_standard(std::string_view rest) {
    if (!is_hex(rest, 8 + 32)) return refused("{sha256} of Spring has 80 hex digits");
    const std::string bytes = *hex_decode(rest);
    Salted out;
    out.hash = Hash::sha256;
    out.place = Salted::Place::prefix;
    out.rounds = 1024;
    out.salt = bytes.substr(0, 8);
    out.expected = bytes.substr(8);
    return make_recipe(std::move(out));
}

Result<RecipePtr> parse_pbkdf2(std::string_view rest, bool later) {
    const std::size_t salt = later ? 16 : 8;
    if (!is_hex(rest, salt + 32)) return refused("{pbkdf2} of Spring is hex of the salt and 32 bytes");
    const std::string bytes = *hex_decode(rest);
    return make_recipe(Pbkdf2{.hash = later ? Hash::sha256 : Hash::sha1,
                              .iterations = later ? 310'000U : 185'000U,
                              .salt = bytes.substr(0, salt),
                              .expected = bytes.substr(salt)});
}

// "$e0801$salt$key": hex of log2(N) << 16 | r << 8 | p.
Result<RecipePtr> parse_scrypt(std::string_view rest) {
    const auto fields = split(rest, '$');
    std::uint32_t packed = 0;
    if (fields.size() != 4 || !fields[0].empty()) return refused("{scrypt} of Spring has parameters, a salt and a key");
    const auto [end, error] = std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), packed, 16);
    const auto salt = decode_base64_any(fields[2]);
    const auto expected = decode_base64_any(fields[3]);
    if (error != std::errc() || end != fields[1].data() + fields[1].size() || (packed >> 16) > 40 || !salt || !expected) {
        return refused("{scrypt} of Spring has parameters, a salt and a key");
    }
    return make_recipe(Scrypt{
        .n = std::uint64_t{1} << (packed >> 16), .r = (packed >> 8) & 0xFF, .p = packed & 0xFF, .salt = *salt, .expected = *expected});
}

struct MessageDigestTag {
    std::string_view tag;
    Hash hash;
};
constexpr std::array<MessageDigestTag, 4> kMessageDigests{
    {{"MD4", Hash::md4}, {"MD5", Hash::md5}, {"SHA-1", Hash::sha1}, {"SHA-256", Hash::sha256}}};

class SpringScheme final : public Scheme {
public:
    std::string_view name() const override { return "spring"; }
    std::vector<Form> forms() const override {
        return {{"{bcrypt}$2a$…", "BCryptPasswordEncoder"},
                {"{argon2}$argon2id$…, {argon2@SpringSecurity_v5_8}…", "Argon2PasswordEncoder"},
                {"{pbkdf2}HEX", "5.5 defaults: SHA-1, 185000 iterations, 8 bytes of salt"},
                {"{pbkdf2@SpringSecurity_v5_8}HEX", "SHA-256, 310000 iterations, 16 bytes of salt"},
                {"{scrypt}$PARAMETERS$SALT$KEY, {scrypt@SpringSecurity_v5_8}…", "SCryptPasswordEncoder"},
                {"{sha256}HEX", "StandardPasswordEncoder, 80 hex digits; LDAP's {SHA256} is base64"},
                {"{MD4}, {MD5}, {SHA-1}, {SHA-256} {SALT}HEX", "MessageDigestPasswordEncoder"},
                {"{ldap}{SSHA}…", "LdapShaPasswordEncoder"},
                {"{noop}PASSWORD", "plain text: hashed on arrival, never stored as it is"}};
    }

    bool claims(std::string_view encoded) const override {
        const auto braced = find_braced(encoded);
        if (!braced) return false;
        const std::string& tag = braced->tag;
        for (const MessageDigestTag& entry : kMessageDigests) {
            if (tag == entry.tag) return tag != "MD5" || braced->rest.starts_with('{') || is_hex(braced->rest, 16);
        }
        if (tag == "sha256") return is_hex(braced->rest, 40);
        if (tag == "pbkdf2") return braced->rest.find('$') == std::string_view::npos;
        // Of the later forms these alone: what merely ends so may be another scheme's.
        for (const std::string_view known : {"argon2", "pbkdf2", "scrypt"}) {
            if (tag.starts_with(known) && tag.substr(known.size()) == kLater) return true;
        }
        return tag == "bcrypt" || tag == "noop" || tag == "ldap" || tag == "argon2" || tag == "scrypt";
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto braced = find_braced(encoded);
        if (!braced) return refused("no {id} at the beginning");
        const std::string_view rest = braced->rest;
        std::string_view tag = braced->tag;
        const bool later = tag.ends_with(kLater);
        if (later) tag.remove_suffix(kLater.size());
        for (const MessageDigestTag& entry : kMessageDigests) {
            if (!later && tag == entry.tag) return parse_message_digest(entry.hash, rest);
        }
        if (tag == "argon2") return parse_argon2(rest);
        if (tag == "pbkdf2") return parse_pbkdf2(rest, later);
        if (tag == "scrypt") return parse_scrypt(rest);
        if (later) return refused("unknown encoder of Spring");
        if (tag == "bcrypt") return parse_bcrypt(rest);
        if (tag == "noop") return std::make_unique<PlainRecipe>(rest);
        if (tag == "sha256") return parse_standard(rest);
        if (tag == "ldap") return ldap_->claims(rest) ? ldap_->parse(rest) : refused("{ldap} without a {SSHA} or {SHA}");
        return refused("unknown encoder of Spring");
    }

    /// Nobody's password rests in the clear, not even until the first login. The iterations are few because a bulk import does this
    /// for every record, and the configured hasher replaces the result at the first login.
    Result<std::string> protect(std::string_view encoded, const SecretKeeper*) const override {
        const auto braced = find_braced(encoded);
        if (!braced || braced->tag != "noop") return std::string(encoded);
        Pbkdf2 out{.hash = Hash::sha256, .iterations = 10'000, .salt = random_bytes(16), .expected = {}};
        out.expected = pbkdf2(out.hash, braced->rest, out.salt, out.iterations, 32);
        return encode_pbkdf2(out);
    }

private:
    const std::unique_ptr<const Scheme> ldap_ = ldap_scheme();
};

}  // namespace

std::unique_ptr<const Scheme> spring_scheme() { return std::make_unique<SpringScheme>(); }

}  // namespace godwit::password
