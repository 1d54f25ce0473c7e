// Logging: one message for people, fields for machines. `log::info("import finished", {{"records", n}, {"job", id}});`
// A Secret does not convert to a field; nothing that could hold a password, token or key belongs into one.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace godwit::log {

enum class Level { debug, info, warn, error };
enum class Format {
    text,  ///< time LEVEL message key=value …
    json,  ///< one object a line: time, level, msg, then the fields
};

/// A view: text must live until the call returns.
struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    Field(std::string_view k, std::same_as<bool> auto v) : key(k), value(v) {}
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    Field(std::string_view k, T v) : key(k) {
        if constexpr (std::signed_integral<T>) {
            value = static_cast<std::int64_t>(v);
        } else {
            value = static_cast<std::uint64_t>(v);
        }
    }
};
using Fields = std::initializer_list<Field>;

/// Lines go to standard error, text at level info, until this is called (at start, before threads).
void configure(Level least, Format format);

/// Lines go to `sink` instead (without line end; called under a lock), or back to standard error when empty. For tests.
void set_sink(std::function<void(Level, std::string_view line)> sink);

/// For callers that would have to compute fields.
bool enabled(Level level);

/// Any thread. Never fails, never blocks on anything but the write itself.
void write(Level level, std::string_view message, Fields fields = {});

inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace godwit::log
