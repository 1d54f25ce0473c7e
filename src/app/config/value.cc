#include "app/config/value.h"

#include <array>
#include <chrono>

#include "base/duration.h"
#include "base/encoding.h"
#include "base/text.h"

namespace godwit::config {
namespace {

constexpr std::string_view kMask = "********";

std::unexpected<Error> expected(std::string_view what) { return fail(Code::invalid_argument, "CONFIG-Va1ue", what); }

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

/// YAML 1.1 and Go agree on these; "yes" and "on" are left out on purpose, Go's reader refuses them.
std::optional<bool> parse_bool(std::string_view text) {
    for (const std::string_view word : {"true", "1", "t"})
        if (equals_ignoring_case(text, word)) return true;
    for (const std::string_view word : {"false", "0", "f"})
        if (equals_ignoring_case(text, word)) return false;
    return std::nullopt;
}

/// YAML allows 1_000_000.
template <class T>
std::optional<T> parse_whole(std::string_view text) {
    return parse_number<T>(replace_all(text, "_", ""));
}

std::vector<std::string> comma_list(std::string_view text) {
    std::vector<std::string> elements;
    for (const std::string_view part : split(text, ','))
        if (!trim(part).empty()) elements.emplace_back(trim(part));
    return elements;
}

}  // namespace

std::string_view type_name(const Target& target) {
    constexpr std::array<std::string_view, 9> kNames = {"text",     "secret", "true/false", "number", "port",
                                                        "duration", "bytes",  "list",       "time"};
    return kNames.at(target.index());
}

Result<void> read_value(const Target& target, std::string_view text) {
    return std::visit(Overloaded{
                          [&](std::string* value) -> Result<void> {
                              *value = text;
                              return {};
                          },
                          [&](Secret* value) -> Result<void> {
                              *value = Secret(std::string(text));
                              return {};
                          },
                          [&](bool* value) -> Result<void> {
                              const auto read = parse_bool(text);
                              if (!read) return expected("true or false");
                              *value = *read;
                              return {};
                          },
                          [&](std::int64_t* value) -> Result<void> {
                              const auto read = parse_whole<std::int64_t>(text);
                              if (!read || *read < 0) return expected("a whole number, 0 or more");
                              *value = *read;
                              return {};
                          },
                          [&](std::uint16_t* value) -> Result<void> {
                              const auto read = parse_whole<std::uint16_t>(text);
                              if (!read) return expected("a port number from 0 to 65535");
                              *value = *read;
                              return {};
                          },
                          [&](Duration* value) -> Result<void> {
                              const auto read = parse_duration(text);
                              if (!read) return expected("a duration such as 90s, 15m or 1h30m");
                              *value = *read;
                              return {};
                          },
                          [&](Bytes* value) -> Result<void> {
                              const auto read = parse_bytes(text);
                              if (!read) return expected("a number of bytes such as 65536, 64KiB or 4GiB");
                              *value = *read;
                              return {};
                          },
                          [&](std::vector<std::string>* value) -> Result<void> {
                              *value = comma_list(text);
                              return {};
                          },
                          [&](std::optional<Time>* value) -> Result<void> {
                              const auto read = parse_rfc3339(text);
                              if (!read && !text.empty()) return expected("a time such as 2030-01-01T00:00:00Z");
                              *value = read;
                              return {};
                          },
                      },
                      target);
}

Result<void> read_list(const Target& target, std::vector<std::string> elements) {
    auto* const* list = std::get_if<std::vector<std::string>*>(&target);
    if (!list) return expected("a single value, not a list");
    **list = std::move(elements);
    return {};
}

std::string write_value(const Target& target) {
    return std::visit(Overloaded{
                          [](const std::string* value) { return json_string(*value); },
                          [](const Secret* value) { return json_string(value->empty() ? "" : kMask); },
                          [](const bool* value) { return std::string(*value ? "true" : "false"); },
                          [](const std::int64_t* value) { return std::to_string(*value); },
                          [](const std::uint16_t* value) { return std::to_string(*value); },
                          [](const Duration* value) { return write_duration(*value); },
                          [](const Bytes* value) { return write_bytes(*value); },
                          [](const std::vector<std::string>* value) {
                              std::vector<std::string> quoted;
                              for (const std::string& element : *value) quoted.push_back(json_string(element));
                              return "[" + join(quoted, ", ") + "]";
                          },
                          [](const std::optional<Time>* value) { return *value ? json_string(to_rfc3339(**value)) : std::string("\"\""); },
                      },
                      target);
}

std::optional<Duration> parse_duration(std::string_view text) {
    const auto micros = parse_go_duration(text);
    if (!micros) return std::nullopt;
    return std::chrono::round<Duration>(*micros);
}

std::string write_duration(Duration duration) {
    if (duration == Duration::zero()) return "0s";
    constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
    std::int64_t rest = duration.count();
    std::string out;
    for (const auto& [name, size] : kUnits) {
        if (rest < size) continue;
        out += std::to_string(rest / size);
        out += name;
        rest %= size;
    }
    return out;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && (is_ascii_digit(text[digits]) || text[digits] == '_')) ++digits;
    const auto number = parse_whole<std::uint64_t>(text.substr(0, digits));
    std::string unit = to_ascii_lower(trim(text.substr(digits)));
    if (unit.ends_with("ib")) {
        unit.resize(unit.size() - 2);
    } else if (unit.ends_with("b")) {
        unit.pop_back();
    }
    constexpr std::pair<std::string_view, int> kUnits[] = {{"", 0}, {"k", 10}, {"m", 20}, {"g", 30}, {"t", 40}};
    for (const auto& [name, shift] : kUnits)
        if (number && unit == name && *number <= (std::uint64_t{1} << 62) >> shift) return Bytes{*number << shift};
    return std::nullopt;
}

std::string write_bytes(Bytes bytes) {
    constexpr std::pair<std::string_view, int> kUnits[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
    for (const auto& [name, shift] : kUnits)
        if (bytes.count != 0 && bytes.count % (std::uint64_t{1} << shift) == 0)
            return std::to_string(bytes.count >> shift) + std::string(name);
    return std::to_string(bytes.count);
}

}  // namespace godwit::config
