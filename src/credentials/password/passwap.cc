// ZITADEL's (zitadel/passwap's) own form for salted MD5. Its other encodings are everybody's.
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$md5salted-";

class PasswapScheme final : public Scheme {
public:
    std::string_view name() const override { return "md5salted"; }
    std::vector<Form> forms() const override {
        return {{"$md5salted-prefix$SALT$BASE64, $md5salted-suffix$SALT$BASE64", "ZITADEL; the salt is literal text"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kPrefix); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded.substr(kPrefix.size()), '$');
        const bool prefix = fields[0] == "prefix";
        if (fields.size() != 3 || (!prefix && fields[0] != "suffix")) return refused("md5salted has a salt and a digest, before or behind");
        const auto expected = decode_base64_any(fields[2]);
        if (!expected || fields[1].empty()) return refused("md5salted has a salt and a base64 digest");
        return make_digest(Hash::md5, prefix ? Salted::Place::prefix : Salted::Place::suffix, std::string(fields[1]), *expected);
    }
};

}  // namespace

std::unique_ptr<const Scheme> passwap_scheme() { return std::make_unique<PasswapScheme>(); }

}  // namespace godwit::password
