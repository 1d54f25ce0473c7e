// Points in time: microseconds since 1970-01-01 UTC, in memory and in both databases.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

struct Time {
    std::int64_t micros = 0;  ///< microseconds since 1970-01-01T00:00:00Z

    friend constexpr auto operator<=>(const Time&, const Time&) = default;
    friend constexpr Time operator+(Time t, std::chrono::microseconds d) { return {t.micros + d.count()}; }
    friend constexpr Time operator-(Time t, std::chrono::microseconds d) { return {t.micros - d.count()}; }
    friend constexpr std::chrono::microseconds operator-(Time a, Time b) { return std::chrono::microseconds(a.micros - b.micros); }
    constexpr std::int64_t seconds() const { return micros / 1'000'000; }
};

/// RFC 3339 in UTC with microseconds, trailing zeros of the fraction left out: "2026-01-02T03:04:05.6Z".
std::string to_rfc3339(Time time);
/// Accepts any RFC 3339 offset and up to nine digits of fraction; nullopt when malformed.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Handed in everywhere a time is needed, so that tests move it.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
};

}  // namespace godwit
