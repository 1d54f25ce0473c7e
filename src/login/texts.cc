#include "login/texts.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "login/embedded.h"

namespace godwit::login {
namespace {

std::map<std::string, std::string, std::less<>> read_words(std::string_view file) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    const std::string_view bytes = embedded(file);
    if (parser.parse(bytes.data(), bytes.size()).get(object) != simdjson::SUCCESS) {
        std::fprintf(stderr, "%.*s is not a JSON object\n", static_cast<int>(file.size()), file.data());
        std::abort();
    }
    std::map<std::string, std::string, std::less<>> words;
    for (const auto field : object) words.emplace(field.key, std::string_view(field.value.get_string()));
    return words;
}

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

}  // namespace

std::string_view Language::operator[](std::string_view key) const {
    const auto found = words_.find(key);
    return found == words_.end() ? key : std::string_view(found->second);
}

std::string Language::with(std::string_view key, const std::map<std::string, std::string>& values) const {
    std::string text((*this)[key]);
    for (const auto& [name, value] : values) {
        const std::string mark = "{" + name + "}";
        if (const std::size_t at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), value);
    }
    return text;
}

Texts::Texts() {
    for (const char* code : {"en", "de"}) languages_.emplace_back(code, read_words("texts/" + std::string(code) + ".json"));
}

const Language* Texts::find(std::string_view tag) const {
    // RFC 4647 lookup, cut to the primary language: the texts do not differ by region.
    const std::string primary = to_ascii_lower(tag.substr(0, tag.find_first_of("-_")));
    const auto found = std::ranges::find(languages_, primary, &Language::code);
    return found == languages_.end() ? nullptr : &*found;
}

const Language& Texts::choose(std::string_view ui_locales, std::string_view accept_language, std::string_view fallback) const {
    for (const std::string_view tag : split(ui_locales, ' '))
        if (const Language* found = find(tag)) return *found;
    const Language* best = nullptr;
    int best_weight = 0;
    for (const std::string_view item : split(accept_language.substr(0, 500), ',')) {
        const auto [tag, weight] = weighted(trim(item));
        const Language* found = find(tag);
        if (found && weight > best_weight) best = found, best_weight = weight;
    }
    if (best) return *best;
    if (const Language* found = find(fallback)) return *found;
    return languages_.front();
}

}  // namespace godwit::login
