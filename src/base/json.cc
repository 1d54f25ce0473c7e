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

bool JsonObject::has(std::string_view name) const {
    return std::ranges::find(members_, name, &std::pair<std::string, std::string>::first) != members_.end();
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
