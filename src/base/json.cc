#include "base/json.h"

#include <algorithm>

#include "base/encoding.h"

namespace godwit {

std::string json_array(std::span<const std::string> values) {
    std::string out = "[";
    for (const auto& value : values) {
        if (out.size() > 1) out += ',';
        append_json_string(out, value);
    }
    return out += ']';
}

void JsonObject::set(std::string_view name, std::string_view value) { set_json(name, json_string(value)); }

void JsonObject::set_json(std::string_view name, std::string json) {
    const auto found = std::ranges::find(members_, name, &std::pair<std::string, std::string>::first);
    if (found != members_.end()) {
        found->second = std::move(json);
    } else {
        members_.emplace_back(name, std::move(json));
    }
}

std::string_view JsonObject::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &std::pair<std::string, std::string>::first);
    return found == members_.end() ? std::string_view() : found->second;
}

void JsonObject::remove(std::string_view name) {
    std::erase_if(members_, [&](const auto& member) { return member.first == name; });
}

void JsonObject::merge(const JsonObject& other) {
    for (const auto& [name, json] : other.members_)
        if (!has(name)) members_.emplace_back(name, json);
}

std::string JsonObject::text() const {
    std::string out = "{";
    for (const auto& [name, json] : members_) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name);
        out += ':';
        out += json;
    }
    return out += '}';
}

}  // namespace godwit
