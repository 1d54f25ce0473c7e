// Keycloak's password credential: an object with two JSON texts in it. Source: the realm export of Keycloak 26 and its
// "Password policies" documentation (hashing algorithms).

#include "base/json_parser.h"
#include "credentials/password/argon2.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

using simdjson::dom::element;

// Values of additionalParameters are arrays of one string; a plain string or number is understood too.
std::string text_of(element parent, std::string_view key) {
    element value;
    if (parent.at_key(key).get(value) != simdjson::SUCCESS) return {};
    if (value.is_array()) {
        element first;
        if (value.at(0).get(first) != simdjson::SUCCESS) return {};
        value = first;
    }
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
    std::uint64_t number = 0;
    if (value.get_uint64().get(number) == simdjson::SUCCESS) return std::to_string(number);
    return {};
}

// secretData and credentialData are JSON inside strings; hand-written files have them as objects.
bool open_data(JsonParser& parser, element parent, std::string_view key, element& out) {
    element value;
    if (parent.at_key(key).get(value) != simdjson::SUCCESS) return false;
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) {
        out = value;
        return value.is_object();
    }
    return parser.parse(text, out) == simdjson::SUCCESS && out.is_object();
}

Result<RecipePtr> build_argon2(element credential, std::uint64_t passes, std::string salt, std::string expected) {
    element more;
    if (credential.at_key("additionalParameters").get(more) != simdjson::SUCCESS || !more.is_object())
        return refused("argon2 of Keycloak without its parameters");
    Argon2 out{.type = Argon2Type::id,
               .version = 0,
               .memory_kib = 0,
               .passes = passes,
               .lanes = 0,
               .salt = std::move(salt),
               .data = {},
               .expected = std::move(expected)};
    const std::string type = text_of(more, "type");
    const std::string version = text_of(more, "version");
    if (type != "id" && type != "i" && type != "d") return refused("argon2 of Keycloak has the type id, i or d");
    if (version != "1.3" && version != "1.0") return refused("argon2 of Keycloak has the version 1.3 or 1.0");
    out.type = type == "id" ? Argon2Type::id : type == "i" ? Argon2Type::i : Argon2Type::d;
    out.version = version == "1.3" ? 0x13 : 0x10;
    const auto memory = parse_number(text_of(more, "memory"));
    const auto lanes = parse_number(text_of(more, "parallelism"));
    if (!memory || !lanes) return refused("argon2 of Keycloak without memory or parallelism");
    out.memory_kib = *memory;
    out.lanes = *lanes;
    return make_recipe(std::move(out));
}

Result<RecipePtr> build(element secret, element credential) {
    const auto salt = decode_base64_any(text_of(secret, "salt"));
    const auto expected = decode_base64_any(text_of(secret, "value"));
    const auto iterations = parse_number(text_of(credential, "hashIterations"));
    const std::string algorithm = text_of(credential, "algorithm");
    if (!salt || !expected || !iterations) return refused("a credential of Keycloak needs value, salt and hashIterations");
    if (algorithm == "argon2") return build_argon2(credential, *iterations, *salt, *expected);
    const auto hash = algorithm == "pbkdf2"              ? std::optional(Hash::sha1)
                      : algorithm.starts_with("pbkdf2-") ? find_pbkdf2_hash(std::string_view(algorithm).substr(7))
                                                         : std::nullopt;
    if (!hash) return refused("unknown algorithm of Keycloak (a hash provider that was added to it?)");
    return make_recipe(Pbkdf2{.hash = *hash, .iterations = *iterations, .salt = *salt, .expected = *expected});
}

class KeycloakScheme final : public Scheme {
public:
    std::string_view name() const override { return "keycloak"; }
    std::vector<Form> forms() const override {
        return {{R"({"secretData":"…","credentialData":"…"})",
                 "a password credential of a realm export: pbkdf2, pbkdf2-sha256, pbkdf2-sha512, argon2"}};
    }
    bool claims(std::string_view encoded) const override {
        // "{MD5}…" begins like an object, too.
        const std::size_t first = encoded.starts_with('{') ? encoded.find_first_not_of(" \t\r\n", 1) : std::string_view::npos;
        return first != std::string_view::npos && encoded[first] == '"' && encoded.find("\"secretData\"") != std::string_view::npos &&
               encoded.find("\"credentialData\"") != std::string_view::npos;
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        // Each parser owns the document it made.
        JsonParser outer, first, second;
        element root;
        element secret;
        element credential;
        if (outer.parse(encoded, root) != simdjson::SUCCESS || !root.is_object()) return refused("a credential of Keycloak is not JSON");
        const std::string type = text_of(root, "type");
        if (!type.empty() && type != "password") return refused("a credential of Keycloak of another type than password");
        if (!open_data(first, root, "secretData", secret) || !open_data(second, root, "credentialData", credential)) {
            return refused("secretData or credentialData of Keycloak is not JSON");
        }
        return build(secret, credential);
    }
};

}  // namespace

std::unique_ptr<const Scheme> keycloak_scheme() { return std::make_unique<KeycloakScheme>(); }

}  // namespace godwit::password
