// Nextcloud's "version|hash" of PHP's password_hash. Source: the Hasher class of Nextcloud's developer documentation.
#include "credentials/password/argon2.h"
#include "credentials/password/bcrypt.h"

namespace godwit::password {
namespace {

class NextcloudScheme final : public Scheme {
public:
    std::string_view name() const override { return "nextcloud"; }
    std::vector<Form> forms() const override { return {{"1|$2y$…, 2|$argon2i$…, 3|$argon2id$…", "Nextcloud"}}; }
    bool claims(std::string_view encoded) const override {
        return encoded.starts_with("1|$") || encoded.starts_with("2|$") || encoded.starts_with("3|$");
    }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::string_view inner = encoded.substr(2);
        return looks_like_argon2(inner) ? parse_argon2(inner) : parse_bcrypt(inner);
    }
};

}  // namespace

std::unique_ptr<const Scheme> nextcloud_scheme() { return std::make_unique<NextcloudScheme>(); }

}  // namespace godwit::password
