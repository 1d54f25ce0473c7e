#include "credentials/password/prehash.h"

namespace godwit::password {
namespace {

class Prehashed final : public Recipe {
public:
    Prehashed(std::string name, Prehash prehash, std::string detail, RecipePtr inner)
        : name_(std::move(name)), prehash_(prehash), detail_(std::move(detail)), inner_(std::move(inner)) {}

    std::string algorithm() const override { return name_; }
    Result<Cost> cost(const CostLimits& limits) const override { return inner_->cost(limits); }
    Result<bool> verify(std::string_view password, Work& work) const override {
        const Secret changed(prehash_(password, detail_));
        return inner_->verify(changed.reveal(), work);
    }

private:
    const std::string name_;
    const Prehash prehash_;
    const std::string detail_;
    const RecipePtr inner_;
};

}  // namespace

RecipePtr prehashed(std::string name, Prehash prehash, std::string detail, RecipePtr inner) {
    return std::make_unique<Prehashed>(std::move(name), prehash, std::move(detail), std::move(inner));
}

}  // namespace godwit::password
