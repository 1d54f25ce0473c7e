// passlib's bcrypt_sha256, which lifts bcrypt's 72 bytes.
// Source: passlib.readthedocs.io, passlib.hash.bcrypt_sha256, "Algorithm" (versions 1 and 2).
#include "base/encoding.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/digest.h"
#include "credentials/password/prehash.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$bcrypt-sha256$";

std::string key_of_version_1(std::string_view password, std::string_view) { return base64_encode(digest(Hash::sha256, {password})); }
std::string key_of_version_2(std::string_view password, std::string_view salt) { return base64_encode(hmac(Hash::sha256, salt, password)); }

std::string two_digits(std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

class PasslibScheme final : public Scheme {
public:
    std::string_view name() const override { return "passlib-bcrypt-sha256"; }
    std::vector<Form> forms() const override {
        return {{"$bcrypt-sha256$v=2,t=2b,r=COST$SALT$DIGEST", "passlib 1.7.3 and later"},
                {"$bcrypt-sha256$2b,COST$SALT$DIGEST", "version 1, before"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kPrefix); }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded.substr(kPrefix.size()), '$');
        if (fields.size() != 3) return refused("bcrypt-sha256 has parameters, a salt and a digest");
        const bool second = fields[0].starts_with("v=");
        std::string_view type;
        std::optional<std::uint64_t> cost;
        if (second) {
            const auto values = KeyValues::parse(fields[0]);
            if (!values || !values->only({"v", "t", "r"}) || values->number("v") != 2) return refused("bcrypt-sha256 versions are 1 and 2");
            type = values->find("t").value_or("");
            cost = values->number("r");
        } else {
            const auto parts = split(fields[0], ',');
            if (parts.size() == 2) {
                type = parts[0];
                cost = parse_number(parts[1]);
            }
        }
        if (!cost || *cost > 99 || (type != "2a" && type != "2b")) return refused("bcrypt-sha256 needs a type (2a, 2b) and a cost");
        auto inner = TRY(parse_bcrypt("$2b$" + two_digits(*cost) + "$" + std::string(fields[1]) + std::string(fields[2])));
        return prehashed("bcrypt-sha256", second ? key_of_version_2 : key_of_version_1, std::string(fields[1]), std::move(inner));
    }
};

}  // namespace

std::unique_ptr<const Scheme> passlib_scheme() { return std::make_unique<PasslibScheme>(); }

}  // namespace godwit::password
