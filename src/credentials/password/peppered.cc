#include "credentials/password/peppered.h"

#include "credentials/password/schemes.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$godwit-pepper$";

class PepperedRecipe final : public Recipe {
public:
    PepperedRecipe(bool suffix, std::string_view token, RecipePtr inner) : suffix_(suffix), token_(token), inner_(std::move(inner)) {}

    std::string algorithm() const override { return inner_->algorithm(); }
    Result<Cost> cost(const CostLimits& limits) const override {
        Cost cost = TRY(inner_->cost(limits));
        cost.parameters.emplace_back("pepper", token_.starts_with("ref:") ? token_ : "sealed");
        cost.parameters.emplace_back("pepperPosition", suffix_ ? "suffix" : "prefix");
        return cost;
    }
    Result<bool> verify(std::string_view password, Work& work) const override {
        const Secret pepper = TRY(resolve_token(token_, work.secrets));
        if (pepper.empty()) return fail(Code::failed_precondition, "PASSWORD-Pe0py", "The pepper of this password hash is empty");
        const Secret joined(suffix_ ? std::string(password) + std::string(pepper.reveal())
                                    : std::string(pepper.reveal()) + std::string(password));
        return inner_->verify(joined.reveal(), work);
    }

private:
    const bool suffix_;
    const std::string token_;
    const RecipePtr inner_;
};

class PepperedScheme final : public Scheme {
public:
    std::string_view name() const override { return "peppered"; }
    std::vector<Form> forms() const override {
        return {{"$godwit-pepper$at=…,pepper=…$ENCODING", "what a hash declared with a pepper is stored as"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kPrefix); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::string_view rest = encoded.substr(kPrefix.size());
        const std::size_t end = rest.find('$');
        const auto values = KeyValues::parse(rest.substr(0, end));
        if (end == std::string_view::npos || !values || !values->only({"at", "pepper"})) return refused("malformed $godwit-pepper$");
        const auto place = values->find("at");
        const std::string_view token = values->find("pepper").value_or("");
        if ((place != "suffix" && place != "prefix") || !is_secret_token(token)) return refused("malformed $godwit-pepper$");
        const std::string_view inner = rest.substr(end + 1);
        // One pepper: two would be a nesting without end.
        const Scheme* const scheme = claims(inner) ? nullptr : recognise(inner);
        if (scheme == nullptr) return refused("$godwit-pepper$ around an unknown encoding");
        return std::make_unique<PepperedRecipe>(place == "suffix", token, TRY(scheme->parse(inner)));
    }
};

}  // namespace

std::string encode_peppered(bool suffix, std::string_view pepper_token, std::string_view inner) {
    return std::string(kPrefix) + "at=" + (suffix ? "suffix" : "prefix") + ",pepper=" + std::string(pepper_token) + "$" +
           std::string(inner);
}

std::unique_ptr<const Scheme> peppered_scheme() { return std::make_unique<PepperedScheme>(); }

}  // namespace godwit::password
