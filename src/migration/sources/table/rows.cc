#include "migration/sources/table/rows.h"

#include <algorithm>

#include "base/text.h"
#include "migration/input/glimpse.h"

namespace godwit::migration {
namespace dom = simdjson::dom;
namespace {

constexpr int kMaxDepth = 10;

void add_leaves(const dom::element& value, const std::string& path, int depth, std::vector<std::string>& out) {
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS || depth > kMaxDepth) {
        if (!holds_nothing(value)) out.push_back(path);
        return;
    }
    for (const auto [name, member] : object)
        add_leaves(member, path.empty() ? std::string(name) : path + "." + std::string(name), depth + 1, out);
}

}  // namespace

std::string CsvRow::name(std::size_t index) const {
    return index < header_.size() && !header_[index].empty() ? header_[index] : "column " + std::to_string(index + 1);
}

std::optional<std::string> CsvRow::text(std::string_view field) const {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const bool named = i < header_.size() && !header_[i].empty();
        if (named ? header_[i] == field : name(i) == field) return trim(cells_[i]).empty() ? std::nullopt : std::optional(cells_[i]);
    }
    return std::nullopt;
}

std::vector<std::string> CsvRow::fields() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < cells_.size(); ++i)
        if (!trim(cells_[i]).empty()) out.push_back(name(i));
    return out;
}

Result<JsonRow> JsonRow::parse(std::string_view line) {
    JsonRow out(TRY(JsonText::parse(line)));
    if (!out.json_.root().is_object()) return fail(Code::invalid_argument, "record.bad_form", "an object is due");
    return out;
}

std::optional<dom::element> JsonRow::find(std::string_view field) const {
    dom::element here = json_.root(), whole;
    if (here.at_key(field).get(whole) == simdjson::SUCCESS) return whole;  // a name may hold dots
    for (std::string_view step : split(field, '.')) {
        const std::size_t bracket = step.find('[');
        if (here.at_key(step.substr(0, bracket)).get(here) != simdjson::SUCCESS) return std::nullopt;
        if (bracket == std::string_view::npos) continue;
        const auto index =
            step.ends_with(']') ? parse_number<std::size_t>(step.substr(bracket + 1, step.size() - bracket - 2)) : std::nullopt;
        dom::array list;
        if (!index || here.get(list) != simdjson::SUCCESS || list.at(*index).get(here) != simdjson::SUCCESS) return std::nullopt;
    }
    return here;
}

std::optional<std::string> JsonRow::text(std::string_view field) const {
    const auto value = find(field);
    if (!value || holds_nothing(*value)) return std::nullopt;
    std::string_view text;
    if (value->get(text) != simdjson::SUCCESS) return to_text(*value);
    return trim(text).empty() ? std::nullopt : std::optional(std::string(text));
}

std::string JsonRow::json(std::string_view field) const {
    const auto value = find(field);
    return value && !value->is_string() && !holds_nothing(*value) ? to_text(*value) : std::string();
}

std::optional<std::vector<std::string>> JsonRow::texts(std::string_view field) const {
    const auto value = find(field);
    dom::array list;
    if (!value || value->get(list) != simdjson::SUCCESS) return std::nullopt;
    std::vector<std::string> out;
    for (const auto item : list) {
        std::string_view text;
        if (item.get(text) != simdjson::SUCCESS) return std::nullopt;
        out.emplace_back(text);
    }
    return out;
}

std::vector<std::string> JsonRow::fields() const {
    std::vector<std::string> out;
    for (const auto [name, value] : dom::object(json_.root()))
        if (!holds_nothing(value)) out.emplace_back(name);
    return out;
}

std::optional<std::string> GlimpsedRow::text(std::string_view field) const {
    Glimpse here(line_);
    auto found = here.text({{field}});  // a name may hold dots
    for (std::size_t dot; found == "" && (dot = field.find('.')) != std::string_view::npos; field.remove_prefix(dot + 1)) {
        if (!here.find(field.substr(0, dot))) break;
        here = here.within(field.substr(0, dot));
        found = here.text({{field.substr(dot + 1)}});
    }
    hidden_ = hidden_ || !found;
    return found == "" ? std::nullopt : found;
}

std::vector<std::string> JsonRow::leaves() const {
    std::vector<std::string> out;
    add_leaves(json_.root(), "", 0, out);
    return out;
}

}  // namespace godwit::migration
