#include "base/duration.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace godwit {

std::optional<std::chrono::microseconds> parse_go_duration(std::string_view text) {
    constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1e-3}, {"us", 1},  {"\u00b5s", 1}, {"\u03bcs", 1},
                                                              {"ms", 1e3},  {"s", 1e6}, {"m", 6e7},     {"h", 3.6e9}};
    constexpr double kLongest = 100 * 366 * 24 * 3.6e9;
    if (text == "0") return std::chrono::microseconds::zero();
    if (text.empty()) return std::nullopt;
    double micros = 0;
    while (!text.empty()) {
        if (!is_ascii_digit(text.front()) && text.front() != '.') return std::nullopt;
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        std::size_t unit_size = 0;
        while (unit_size < text.size() && !is_ascii_digit(text[unit_size]) && text[unit_size] != '.') ++unit_size;
        double factor = -1;
        for (const auto& [name, value] : kUnits)
            if (text.substr(0, unit_size) == name) factor = value;
        if (factor < 0) return std::nullopt;
        text.remove_prefix(unit_size);
        micros += number * factor;
    }
    if (!(micros <= kLongest)) return std::nullopt;
    return std::chrono::microseconds(std::llround(micros));
}

}  // namespace godwit
