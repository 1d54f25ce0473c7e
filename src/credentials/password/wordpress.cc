// WordPress from 6.8 on: "$wp" before a bcrypt hash of base64(HMAC-SHA384(password, key "wp-sha384")).
// Source: developer.wordpress.org, wp_hash_password() and wp_authenticate(); the latter trims what was typed.
#include "base/encoding.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/digest.h"
#include "credentials/password/prehash.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$wp";

std::string wordpress_key(std::string_view password, std::string_view) {
    constexpr std::string_view kTrimmed(" \t\n\r\0\x0B", 6);  // PHP's trim()
    const std::size_t first = password.find_first_not_of(kTrimmed);
    password =
        first == std::string_view::npos ? std::string_view() : password.substr(first, password.find_last_not_of(kTrimmed) - first + 1);
    return base64_encode(hmac(Hash::sha384, "wp-sha384", password));
}

class WordpressScheme final : public Scheme {
public:
    std::string_view name() const override { return "wordpress"; }
    std::vector<Form> forms() const override {
        return {{"$wp$2y$COST$SALTDIGEST", "WordPress from 6.8 on; white space around the password does not matter there"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with("$wp$"); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        return prehashed("wordpress", wordpress_key, {}, TRY(parse_bcrypt(encoded.substr(kPrefix.size()))));
    }
};

}  // namespace

std::unique_ptr<const Scheme> wordpress_scheme() { return std::make_unique<WordpressScheme>(); }

}  // namespace godwit::password
