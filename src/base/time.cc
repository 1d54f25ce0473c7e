#include "base/time.h"

#include <array>
#include <cstdio>

namespace godwit {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

std::optional<int> digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool eat(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string to_rfc3339(Time time) {
    const auto point = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time.micros));
    const auto day = std::chrono::floor<days>(point);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(point - day);
    std::array<char, 64> out{};
    int n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06d", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                          static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                          static_cast<int>(clock.subseconds().count()));
    std::string text(out.data(), static_cast<std::size_t>(n));
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text + "Z";
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    const auto year = digits(text, 4);
    if (!year || !eat(text, '-')) return std::nullopt;
    const auto month = digits(text, 2);
    if (!month || !eat(text, '-')) return std::nullopt;
    const auto day = digits(text, 2);
    if (!day || (!eat(text, 'T') && !eat(text, 't'))) return std::nullopt;
    const auto hour = digits(text, 2);
    if (!hour || *hour > 23 || !eat(text, ':')) return std::nullopt;
    const auto minute = digits(text, 2);
    if (!minute || *minute > 59 || !eat(text, ':')) return std::nullopt;
    const auto second = digits(text, 2);
    if (!second || *second > 60) return std::nullopt;  // 60: a leap second
    std::int64_t fraction = 0;
    if (eat(text, '.')) {
        std::int64_t scale = 100'000;
        std::size_t seen = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++seen) {
            fraction += (text.front() - '0') * scale;
            scale /= 10;
        }
        if (seen == 0 || seen > 9) return std::nullopt;
    }
    int offset_minutes = 0;
    if (!eat(text, 'Z') && !eat(text, 'z')) {
        const int sign = eat(text, '-') ? -1 : 1;
        if (sign == 1 && !eat(text, '+')) return std::nullopt;
        const auto hours = digits(text, 2);
        if (!hours || *hours > 23 || !eat(text, ':')) return std::nullopt;
        const auto minutes = digits(text, 2);
        if (!minutes || *minutes > 59) return std::nullopt;
        offset_minutes = sign * (*hours * 60 + *minutes);
    }
    if (!text.empty()) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    const std::int64_t days_since = sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = days_since * 86'400 + *hour * 3'600 + *minute * 60 + *second - offset_minutes * 60;
    return Time{seconds * 1'000'000 + fraction};
}

Time SystemClock::now() const {
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace godwit
