#include "credentials/password/ntlm.h"

#include "base/encoding.h"
#include "credentials/password/salted.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$godwit-ntlm$";

Salted md4_of_utf16(std::string expected) {
    Salted out;
    out.hash = Hash::md4;
    out.text = Salted::Text::utf16le;
    out.expected = std::move(expected);
    return out;
}

class NtlmRecipe final : public Recipe {
public:
    explicit NtlmRecipe(std::string digest) : inner_(make_recipe(md4_of_utf16(std::move(digest)))) {}
    std::string algorithm() const override { return "ntlm"; }
    Result<Cost> cost(const CostLimits& limits) const override {
        Cost cost = TRY(inner_->cost(limits));
        cost.parameters.clear();
        return cost;
    }
    Result<bool> verify(std::string_view password, Work& work) const override { return inner_->verify(password, work); }

private:
    const RecipePtr inner_;
};

class NtlmScheme final : public Scheme {
public:
    std::string_view name() const override { return "ntlm"; }
    std::vector<Form> forms() const override { return {{"$godwit-ntlm$HEX", "what a declared NT hash is stored as"}}; }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kPrefix); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::string_view hex = encoded.substr(kPrefix.size());
        if (!is_hex(hex, 16)) return refused("an NT hash has 32 hex digits");
        return std::make_unique<NtlmRecipe>(*hex_decode(hex));
    }
};

}  // namespace

std::string encode_ntlm(std::string_view hex) { return std::string(kPrefix) + std::string(hex); }

std::unique_ptr<const Scheme> ntlm_scheme() { return std::make_unique<NtlmScheme>(); }

}  // namespace godwit::password
