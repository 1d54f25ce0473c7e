// ASP.NET Identity: base64 of a versioned block. Source: learn.microsoft.com, PasswordHasher<TUser> and PasswordHasherCompatibilityMode.
#include "credentials/password/pbkdf2.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::size_t kVersion2Bytes = 1 + 16 + 32;
constexpr std::size_t kVersion3Header = 1 + 4 + 4 + 4;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

// Version 2: 00, salt of 16, key of 32 bytes; PBKDF2-HMAC-SHA1 with 1000 iterations.
std::optional<Pbkdf2> read_version_2(std::string_view block) {
    if (block.size() != kVersion2Bytes || block[0] != 0) return std::nullopt;
    return Pbkdf2{
        .hash = Hash::sha1, .iterations = 1000, .salt = std::string(block.substr(1, 16)), .expected = std::string(block.substr(17))};
}

// Version 3: 01, digest (0 SHA-1, 1 SHA-256, 2 SHA-512), iterations, salt length, all of 4 bytes, then salt and key.
std::optional<Pbkdf2> read_version_3(std::string_view block) {
    if (block.size() < kVersion3Header + 8 + kMinDigestBytes || block[0] != 1) return std::nullopt;
    const std::uint64_t digest = big_endian(block.substr(1));
    const std::uint64_t salt = big_endian(block.substr(9));
    const std::string_view rest = block.substr(kVersion3Header);
    if (digest > 2 || salt < 8 || salt > rest.size() - kMinDigestBytes) return std::nullopt;
    return Pbkdf2{.hash = digest == 0   ? Hash::sha1
                          : digest == 1 ? Hash::sha256
                                        : Hash::sha512,
                  .iterations = big_endian(block.substr(5)),
                  .salt = std::string(rest.substr(0, salt)),
                  .expected = std::string(rest.substr(salt))};
}

std::optional<Pbkdf2> read(std::string_view encoded) {
    if (!encoded.starts_with('A') || encoded.size() < 52) return std::nullopt;  // the first byte is 0 or 1
    const auto block = decode_base64_any(encoded);
    if (!block) return std::nullopt;
    auto two = read_version_2(*block);
    return two ? two : read_version_3(*block);
}

class AspnetScheme final : public Scheme {
public:
    std::string_view name() const override { return "aspnet"; }
    std::vector<Form> forms() const override {
        return {{"AA… (base64 of 49 bytes, the first 0)", "ASP.NET Identity version 2"},
                {"AQ… (base64, the first byte 1)", "ASP.NET Core Identity version 3: SHA-1, SHA-256 or SHA-512 by its header"}};
    }
    bool claims(std::string_view encoded) const override { return read(encoded).has_value(); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        auto block = read(encoded);
        if (!block) return refused("not a password block of ASP.NET Identity");
        return make_recipe(std::move(*block));
    }
};

}  // namespace

std::unique_ptr<const Scheme> aspnet_scheme() { return std::make_unique<AspnetScheme>(); }

}  // namespace godwit::password
