// Apache's apr1 (htpasswd -m): md5-crypt with another magic, which libxcrypt does not compute.
// Source: the apr_md5_encode description in the APR documentation.
#include <algorithm>
#include <cstring>

#include "credentials/password/digest.h"
#include "credentials/password/scheme.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kMagic = "$apr1$";

std::string apr1(std::string_view password, std::string_view salt) {
    Digester md5(Hash::md5);
    const std::string alternate = md5({password, salt, password});
    std::string start = std::string(password) + std::string(kMagic) + std::string(salt);
    for (std::size_t left = password.size(); left > 0; left -= std::min<std::size_t>(left, 16)) start += alternate.substr(0, left);
    // The famous oddity: for each bit of the length a NUL or the first character.
    for (std::size_t bits = password.size(); bits != 0; bits >>= 1) start += (bits & 1) != 0 ? '\0' : password.front();
    std::string x = md5({start});
    explicit_bzero(start.data(), start.size());
    for (int i = 0; i < 1000; ++i) {
        const std::string_view odd_salt = i % 3 != 0 ? salt : std::string_view();
        const std::string_view odd_password = i % 7 != 0 ? password : std::string_view();
        x = i % 2 != 0 ? md5({password, odd_salt, odd_password, x}) : md5({x, odd_salt, odd_password, password});
    }
    // The bytes are shuffled before they are written, each three with the highest first.
    std::string shuffled;
    for (const int i : {12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11}) shuffled += x[static_cast<std::size_t>(i)];
    return encode_h64(shuffled);
}

class Apr1Recipe final : public Recipe {
public:
    Apr1Recipe(std::string_view salt, std::string_view expected) : salt_(salt), expected_(expected) {}
    std::string algorithm() const override { return "apr1"; }
    Result<Cost> cost(const CostLimits&) const override {
        return Cost{.memory_bytes = 0, .weak = false, .parameters = {{"rounds", "1000"}}};
    }
    Result<bool> verify(std::string_view password, Work&) const override {
        // Made from C strings: with NUL inside, what follows was never hashed.
        if (password.find('\0') != std::string_view::npos) return false;
        return equal_secret(apr1(password, salt_), expected_);
    }

private:
    const std::string salt_;
    const std::string expected_;
};

class Apr1Scheme final : public Scheme {
public:
    std::string_view name() const override { return "apr1"; }
    std::vector<Form> forms() const override { return {{"$apr1$SALT$DIGEST", "Apache htpasswd"}}; }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kMagic); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded, '$');
        if (fields.size() != 4 || fields[2].size() > 8 || fields[3].size() != 22)
            return refused("apr1 has a salt of at most 8 and a digest of 22 characters");
        return std::make_unique<Apr1Recipe>(fields[2], fields[3]);
    }
};

}  // namespace

std::unique_ptr<const Scheme> apr1_scheme() { return std::make_unique<Apr1Scheme>(); }

}  // namespace godwit::password
