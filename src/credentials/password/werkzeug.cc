// Werkzeug's (Flask's) "method$salt$hex". Source: werkzeug.palletsprojects.com, werkzeug.security.generate_password_hash.
#include "base/encoding.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/salted.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

class WerkzeugScheme final : public Scheme {
public:
    std::string_view name() const override { return "werkzeug"; }
    std::vector<Form> forms() const override {
        return {{"pbkdf2:sha256:ITERATIONS$SALT$HEX", "the salt is literal text; also sha1, sha512"},
                {"scrypt:N:R:P$SALT$HEX", ""},
                {"sha256$SALT$HEX, sha512$SALT$HEX",
                 "before 3.0: HMAC under the salt; md5$ and sha1$ are read as Django's, declare hmac-md5 or hmac-sha1 for old Werkzeug"}};
    }
    bool claims(std::string_view encoded) const override {
        for (const std::string_view prefix : {"pbkdf2:", "scrypt:", "sha224$", "sha256$", "sha384$", "sha512$"}) {
            if (encoded.starts_with(prefix)) return true;
        }
        return false;
    }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, '$');
        if (fields.size() != 3 || !is_hex(fields[2])) return refused("Werkzeug writes method, salt and hex digits");
        const auto method = split(fields[0], ':');
        const std::string salt(fields[1]);
        std::string expected = *hex_decode(fields[2]);
        if (method[0] == "scrypt") {
            if (method.size() != 4) return refused("scrypt of Werkzeug has N, r and p");
            const auto n = parse_number(method[1]);
            const auto r = parse_number(method[2]);
            const auto p = parse_number(method[3]);
            if (!n || !r || !p) return refused("scrypt of Werkzeug has N, r and p");
            return make_recipe(Scrypt{.n = *n, .r = *r, .p = *p, .salt = salt, .expected = std::move(expected)});
        }
        if (method[0] == "pbkdf2") {
            const auto hash = method.size() == 3 ? find_pbkdf2_hash(method[1]) : std::nullopt;
            const auto iterations = hash ? parse_number(method[2]) : std::nullopt;
            if (!iterations) return refused("pbkdf2 of Werkzeug has a digest and iterations");
            return make_recipe(Pbkdf2{.hash = *hash, .iterations = *iterations, .salt = salt, .expected = std::move(expected)});
        }
        const auto hash = method.size() == 1 ? find_hash(method[0]) : std::nullopt;
        if (!hash || salt.empty()) return refused("unknown method of Werkzeug");
        return make_digest(*hash, Salted::Place::key, salt, std::move(expected));
    }
};

}  // namespace

std::unique_ptr<const Scheme> werkzeug_scheme() { return std::make_unique<WerkzeugScheme>(); }

}  // namespace godwit::password
