#include "login/texts.h"

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace godwit::login {
namespace {

/// "de-CH;q=0.8" → {"de-CH", 800}; a weight that cannot be read counts as 0.
std::pair<std::string_view, int> weighted(std::string_view item) {
    const std::size_t semicolon = item.find(';');
    const std::string_view tag = trim(item.substr(0, semicolon));
    if (semicolon == std::string_view::npos) return {tag, 1000};
    std::string_view weight = trim(item.substr(semicolon + 1));
    if (!weight.starts_with("q=")) return {tag, 0};
    weight.remove_prefix(2);
    int value = 0, scale = 1000;
    for (const char c : weight) {
        if (c == '.') continue;
        if (c < '0' || c > '9' || scale == 0) break;
        value += (c - '0') * scale;
        scale /= 10;
    }
    return {tag, std::min(value, 1000)};
}

/// The language of `tag` when it is spoken; "" otherwise.
using Spoken = std::function<std::string(std::string_view tag)>;

std::string choose(const Wishes& wishes, const Spoken& spoken) {
    for (const std::string_view tag : split(wishes.locales, ' '))
        if (auto language = spoken(tag); !language.empty()) return language;
    std::string best;
    int best_weight = 0;
    for (const std::string_view item : split(wishes.accept.substr(0, 500), ',')) {
        const auto [tag, weight] = weighted(trim(item));
        if (weight <= best_weight) continue;
        if (auto language = spoken(tag); !language.empty()) best = std::move(language), best_weight = weight;
    }
    if (best.empty()) best = spoken(wishes.instance_wide);
    return best.empty() ? text::built_in_languages().front() : best;
}

bool is_built_in(std::string_view language) {
    const auto all = text::built_in_languages();
    return std::ranges::find(all, language) != all.end();
}

}  // namespace

Language::Language(std::string code, const text::Words& built_in, std::vector<std::shared_ptr<const text::ByLanguage>> own)
    : code_(std::move(code)), built_in_(&built_in), own_(std::move(own)) {}

const std::string* Language::find_own(std::string_view key) const {
    for (const auto& level : own_) {
        const auto words = level->find(code_);
        if (words == level->end()) continue;
        if (const auto found = words->second.find(key); found != words->second.end()) return &found->second;
    }
    return nullptr;
}

std::string_view Language::operator[](std::string_view key) const {
    if (const std::string* own = find_own(key)) return *own;
    const auto found = built_in_->find(key);
    return found == built_in_->end() ? key : std::string_view(found->second);
}

std::string Language::with(std::string_view key, const Values& values) const {
    std::string text((*this)[key]);
    for (const auto& [name, value] : values) {
        const std::string mark = "{" + name + "}";
        if (const std::size_t at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), value);
    }
    return text;
}

text::Words Language::words() const {
    text::Words all;
    for (const auto& level : own_)
        if (const auto words = level->find(code_); words != level->end()) all.insert(words->second.begin(), words->second.end());
    all.insert(built_in_->begin(), built_in_->end());
    return all;
}

Result<Language> find_language(const text::Texts& texts, const OrgScope& org, const Wishes& wishes) {
    std::vector<std::shared_ptr<const text::ByLanguage>> own;
    if (org.org()) own.push_back(TRY(texts.all(org, text::Kind::login)));
    own.push_back(TRY(texts.all(OrgScope(org.instance(), OrgId{}), text::Kind::login)));

    std::string code = choose(wishes, [&](std::string_view tag) -> std::string {
        auto language = text::language_of(tag);
        if (!language) return {};
        const bool said = std::ranges::any_of(own, [&](const auto& level) { return level->contains(*language); });
        return said || is_built_in(*language) ? *std::move(language) : std::string();
    });
    const std::string stand_in = text::language_of(wishes.instance_wide).value_or("");
    const text::Words& built_in = text::built_in(text::Kind::login, is_built_in(code) ? code : stand_in);
    return Language(std::move(code), built_in, std::move(own));
}

Language built_in_language(std::string_view accept) {
    std::string code = choose({.locales = {}, .accept = accept, .instance_wide = {}}, [](std::string_view tag) -> std::string {
        auto language = text::language_of(tag);
        return language && is_built_in(*language) ? *std::move(language) : std::string();
    });
    const text::Words& words = text::built_in(text::Kind::login, code);
    return {std::move(code), words, {}};
}

}  // namespace godwit::login
