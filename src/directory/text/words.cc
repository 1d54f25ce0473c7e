#include "directory/text/words.h"

#include <algorithm>
#include <cctype>

#include "base/json_parser.h"
#include "base/text.h"
#include "store/event_body.h"

namespace godwit::text {
namespace {

bool add_members(const simdjson::dom::object& object, const std::string& prefix, Words& words) {
    for (const auto field : object) {
        std::string key = prefix + std::string(field.key);
        if (std::string_view text; field.value.get_string().get(text) == simdjson::SUCCESS) {
            if (!text.empty()) words.insert_or_assign(std::move(key), std::string(text));
        } else if (simdjson::dom::object inner;
                   !prefix.empty() || field.value.get_object().get(inner) != simdjson::SUCCESS || !add_members(inner, key + ".", words)) {
            return false;
        }
    }
    return true;
}

bool is_alphanumeric(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)); });
}

}  // namespace

std::optional<Words> read_words(std::string_view json) {
    JsonParser parser;
    simdjson::dom::object object;
    Words words;
    if (parser.parse_object(json, object) != simdjson::SUCCESS || !add_members(object, {}, words)) return std::nullopt;
    return words;
}

std::string write_words(const Words& words) {
    store::EventBody json;
    for (const auto& [key, text] : words) json.add(key, text);
    return json.take();
}

std::optional<std::string> language_of(std::string_view tag) {
    const std::string_view language = tag.substr(0, tag.find_first_of("-_"));
    if (language.size() < 2 || language.size() > 3 || tag.size() > 35) return std::nullopt;
    if (std::ranges::any_of(language, [](char c) { return !std::isalpha(static_cast<unsigned char>(c)); })) return std::nullopt;
    for (std::string_view rest = tag.substr(language.size()); !rest.empty();) {
        rest.remove_prefix(1);
        const std::string_view subtag = rest.substr(0, rest.find_first_of("-_"));
        if (subtag.empty() || subtag.size() > 8 || !is_alphanumeric(subtag)) return std::nullopt;
        rest.remove_prefix(subtag.size());
    }
    return to_ascii_lower(language);
}

}  // namespace godwit::text
