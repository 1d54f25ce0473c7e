#include "migration/input/json_fields.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <charconv>

#include "migration/lost.h"

namespace godwit::migration {
namespace dom = simdjson::dom;

Result<JsonText> JsonText::parse(std::string_view json) {
    if (json.empty()) return fail(Code::invalid_argument, "record.bad_json", "nothing is there");
    JsonText out;
    const auto error = out.parser_.parse(json, out.root_);
    if (error == simdjson::UTF8_ERROR)
        return fail(Code::invalid_argument, "record.not_utf8", "the record is no text in UTF-8, but perhaps in Windows-1252 or Latin-1");
    if (error != simdjson::SUCCESS) return fail(Code::invalid_argument, "record.bad_json", simdjson::error_message(error));
    return out;
}

void note(v1::Origin& origin, std::string_view code) {
    if (std::ranges::find(origin.codes(), code) == origin.codes().end()) origin.add_codes(std::string(code));
}

void note_lost(v1::Origin& origin, std::string_view code, std::string_view path) {
    note(origin, code);
    add_lost(*origin.mutable_lost(), path);
}

JsonFields::JsonFields(const Element& object, std::string path, v1::Origin& origin) : path_(std::move(path)), origin_(&origin) {
    dom::object members;
    if (object.get(members) != simdjson::SUCCESS) return;
    members_.reserve(members.size());
    for (const auto [name, value] : members) members_.push_back({name, value});
}

JsonFields::Member* JsonFields::find(Names names) {
    Member* first = nullptr;
    for (const std::string_view name : names) {
        for (Member& member : members_) {
            if (member.name != name || member.taken) continue;
            if (member.value.is_null()) {
                member.taken = true;
            } else if (!first) {
                first = &member;
            }
        }
    }
    if (first) first->taken = true;
    return first;
}

std::optional<dom::element> JsonFields::take(Names names) {
    const Member* const found = find(names);
    return found ? std::optional(found->value) : std::nullopt;
}

std::string JsonFields::text(Names names) {
    const Member* const found = find(names);
    if (!found) return {};
    switch (found->value.type()) {
        case dom::element_type::STRING:
            return std::string(std::string_view(found->value));
        case dom::element_type::INT64:
        case dom::element_type::UINT64:
            return to_text(found->value);
        default:
            lost("record.unknown_member", found->name);
            return {};
    }
}

std::optional<bool> JsonFields::boolean(Names names) {
    const Member* const found = find(names);
    if (!found) return std::nullopt;
    bool value = false;
    if (found->value.get(value) == simdjson::SUCCESS) return value;
    std::string_view text;
    if (found->value.get(text) == simdjson::SUCCESS && (text == "true" || text == "false")) return text == "true";
    lost("record.unknown_member", found->name);
    return std::nullopt;
}

std::optional<std::int64_t> JsonFields::number(Names names) {
    const Member* const found = find(names);
    if (!found) return std::nullopt;
    std::int64_t value = 0;
    if (found->value.get(value) == simdjson::SUCCESS) return value;
    std::string_view text;
    if (found->value.get(text) == simdjson::SUCCESS) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc{} && end == text.data() + text.size()) return value;
    }
    lost("record.unknown_member", found->name);
    return std::nullopt;
}

std::vector<std::string> JsonFields::texts(Names names) {
    const Member* const found = find(names);
    std::vector<std::string> out;
    if (!found) return out;
    std::string_view text;
    if (found->value.get(text) == simdjson::SUCCESS) {
        out.emplace_back(text);
        return out;
    }
    dom::array items;
    if (found->value.get(items) != simdjson::SUCCESS) {
        lost("record.unknown_member", found->name);
        return out;
    }
    for (const auto item : items) {
        if (item.get(text) == simdjson::SUCCESS) {
            out.emplace_back(text);
        } else {
            lost("record.unknown_member", found->name);
        }
    }
    return out;
}

JsonFields JsonFields::object(Names names) {
    Member* const found = find(names);
    if (!found) return {path_of(*names.begin()), *origin_};
    if (!found->value.is_object()) lost("record.unknown_member", found->name);
    return JsonFields(found->value, path_of(found->name), *origin_);
}

std::vector<std::pair<std::string, dom::element>> JsonFields::list(Names names) {
    std::vector<std::pair<std::string, Element>> out;
    const Member* const found = find(names);
    if (!found) return out;
    dom::array items;
    if (found->value.get(items) != simdjson::SUCCESS) {
        lost("record.unknown_member", found->name);
        return out;
    }
    for (const auto item : items) out.emplace_back(path_of(found->name) + "[" + std::to_string(out.size()) + "]", item);
    return out;
}

void JsonFields::ignore(Names names) {
    for (Member& member : members_)
        if (std::ranges::find(names, member.name) != names.end()) member.taken = true;
}

std::vector<std::pair<std::string_view, dom::element>> JsonFields::rest() const {
    std::vector<std::pair<std::string_view, Element>> out;
    for (const Member& member : members_)
        if (!member.taken) out.emplace_back(member.name, member.value);
    return out;
}

void JsonFields::rest_is_lost(std::string_view code) {
    for (const auto& [name, value] : rest())
        if (!holds_nothing(value)) lost(code, name);
}

std::string JsonFields::path_of(std::string_view name) const {
    return path_.empty() || name.empty() ? path_ + std::string(name) : path_ + "." + std::string(name);
}

bool holds_nothing(const dom::element& value) {
    switch (value.type()) {
        case dom::element_type::NULL_VALUE:
            return true;
        case dom::element_type::STRING:
            return std::string_view(value).empty();
        case dom::element_type::ARRAY:
            return dom::array(value).size() == 0;
        case dom::element_type::OBJECT:
            return dom::object(value).size() == 0;
        default:
            return false;
    }
}

void to_value(const dom::element& json, google::protobuf::Value& out) {
    switch (json.type()) {
        case dom::element_type::NULL_VALUE:
            out.set_null_value(google::protobuf::NULL_VALUE);
            break;
        case dom::element_type::BOOL:
            out.set_bool_value(bool(json));
            break;
        case dom::element_type::STRING:
            out.set_string_value(std::string(std::string_view(json)));
            break;
        case dom::element_type::ARRAY:
            for (const auto item : dom::array(json)) to_value(item, *out.mutable_list_value()->add_values());
            out.mutable_list_value();
            break;
        case dom::element_type::OBJECT:
            for (const auto [name, value] : dom::object(json))
                to_value(value, (*out.mutable_struct_value()->mutable_fields())[std::string(name)]);
            out.mutable_struct_value();
            break;
        default:
            out.set_number_value(double(json));
            break;
    }
}

std::string to_text(const dom::element& json) { return simdjson::minify(json); }

}  // namespace godwit::migration
