// JSON objects as endpoints write them: members in the order they were set, each name once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit {

/// A JSON array of strings.
std::string json_array(std::span<const std::string> values);

class JsonObject {
public:
    void set(std::string_view name, std::string_view value);
    void set(std::string_view name, const char* value) { set(name, std::string_view(value)); }
    void set(std::string_view name, std::int64_t value) { set_json(name, std::to_string(value)); }
    void set(std::string_view name, bool value) { set_json(name, value ? "true" : "false"); }
    void set(std::string_view name, std::span<const std::string> values) { set_json(name, json_array(values)); }
    void set(std::string_view name, const JsonObject& value) { set_json(name, value.text()); }
    /// `json` must be well-formed JSON.
    void set_json(std::string_view name, std::string json);
    void set_if(std::string_view name, std::string_view value) {
        if (!value.empty()) set(name, value);
    }

    bool has(std::string_view name) const { return !find(name).empty(); }
    /// The JSON text of a member; "" when it is not there.
    std::string_view find(std::string_view name) const;
    void remove(std::string_view name);
    bool empty() const { return members_.empty(); }
    /// Takes over the members of `other`; a name that is here already keeps its value.
    void merge(const JsonObject& other);
    std::string text() const;

private:
    std::vector<std::pair<std::string, std::string>> members_;
};

}  // namespace godwit
