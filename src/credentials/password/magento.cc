// Magento 2's "digest:salt:version". Magento 1's "digest:salt" has the shape of Joomla's, with the salt on the other side: declared only.
#include "base/encoding.h"
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

// The version at the end: 0 is MD5, 1 is SHA-256.
std::optional<Hash> version_of(const std::vector<std::string_view>& fields) {
    if (fields.size() != 3 || fields[1].empty()) return std::nullopt;
    if (fields[2] == "0" && is_hex(fields[0], 16)) return Hash::md5;
    if (fields[2] == "1" && is_hex(fields[0], 32)) return Hash::sha256;
    return std::nullopt;
}

class MagentoScheme final : public Scheme {
public:
    std::string_view name() const override { return "magento"; }
    std::vector<Form> forms() const override { return {{"HEX:SALT:1, HEX:SALT:0", "Magento 2: SHA-256, MD5 of salt and password"}}; }
    bool claims(std::string_view encoded) const override { return version_of(split(encoded, ':')).has_value(); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, ':');
        const auto hash = version_of(fields);
        if (!hash) return refused("Magento 2 has a digest, a salt and the version 0 or 1");
        return make_digest(*hash, Salted::Place::prefix, std::string(fields[1]), *hex_decode(fields[0]));
    }
};

}  // namespace

std::unique_ptr<const Scheme> magento_scheme() { return std::make_unique<MagentoScheme>(); }

}  // namespace godwit::password
