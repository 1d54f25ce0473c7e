#include "login/theme.h"

#include <cmath>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::login {
namespace {

/// One scheme of colours, light or dark.
struct Chosen {
    std::optional<Colour> primary, background, font, warn;
};

std::optional<Colour> chosen(const std::string& wanted, const std::string& by_default) {
    return wanted == by_default ? std::nullopt : parse_colour(wanted);
}

std::string mix(const Colour& colour, int percent, std::string_view with) {
    return "color-mix(in srgb, " + colour.hex() + " " + std::to_string(percent) + "%, " + std::string(with) + ")";
}

std::string declarations(const Chosen& colours, bool dark) {
    std::string css;
    const auto set = [&](std::string_view name, const std::string& value) { css += "--" + std::string(name) + ": " + value + "; "; };
    if (const auto& c = colours.primary) {
        set("brand", c->hex());
        set("brand-strong", mix(*c, 82, dark ? "white" : "black"));
        set("brand-soft", mix(*c, dark ? 22 : 12, dark ? "black" : "white"));
        // Contrast with white and with black is the same at this luminance (WCAG 2.1, 1.4.3).
        set("on-brand", c->luminance() > 0.179 ? "#000000" : "#ffffff");
    }
    if (const auto& c = colours.background) {
        set("page", c->hex());
        set("page-tint", colours.primary ? mix(*colours.primary, 10, c->hex()) : c->hex());
    }
    if (const auto& c = colours.font) {
        set("text", c->hex());
        set("text-soft", mix(*c, 72, dark ? "black" : "white"));
    }
    if (const auto& c = colours.warn) set("error", c->hex());
    return css;
}

}  // namespace

std::optional<Colour> parse_colour(std::string_view text) {
    if (!text.starts_with('#') || (text.size() != 4 && text.size() != 7)) return std::nullopt;
    std::string digits(text.substr(1));
    if (digits.size() == 3) digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
    const auto bytes = hex_decode(digits);
    if (!bytes) return std::nullopt;
    const auto part = [&](std::size_t i) { return int{static_cast<unsigned char>((*bytes)[i])}; };
    return Colour{.red = part(0), .green = part(1), .blue = part(2)};
}

std::string Colour::hex() const {
    const char bytes[] = {static_cast<char>(red), static_cast<char>(green), static_cast<char>(blue)};
    return "#" + hex_encode(std::string_view(bytes, sizeof bytes));
}

double Colour::luminance() const {
    const auto linear = [](int part) {
        const double share = part / 255.0;
        return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

Scheme scheme_of(const settings::v1::LabelPolicy& policy) {
    if (policy.theme() == settings::v1::THEME_LIGHT) return Scheme::light;
    return policy.theme() == settings::v1::THEME_DARK ? Scheme::dark : Scheme::either;
}

std::string theme_css(const settings::v1::LabelPolicy& policy) {
    settings::v1::LabelPolicy ours;
    settings::fill_default(ours);
    const Chosen light{.primary = chosen(policy.primary_color(), ours.primary_color()),
                       .background = chosen(policy.background_color(), ours.background_color()),
                       .font = chosen(policy.font_color(), ours.font_color()),
                       .warn = chosen(policy.warn_color(), ours.warn_color())};
    const Chosen dark{.primary = chosen(policy.primary_color_dark(), ours.primary_color_dark()),
                      .background = chosen(policy.background_color_dark(), ours.background_color_dark()),
                      .font = chosen(policy.font_color_dark(), ours.font_color_dark()),
                      .warn = chosen(policy.warn_color_dark(), ours.warn_color_dark())};
    const std::string by_day = declarations(light, false), by_night = declarations(dark, true);
    const auto rules = [](const std::string& declared) { return declared.empty() ? "" : ":root { " + declared + "}"; };
    const auto when = [](std::string_view scheme, const std::string& rule) {
        return rule.empty() ? "" : "@media (prefers-color-scheme: " + std::string(scheme) + ") { " + rule + " }\n";
    };
    switch (scheme_of(policy)) {
        case Scheme::light:
            return rules(by_day);
        case Scheme::dark:
            return rules(by_night);
        case Scheme::either:
            break;
    }
    return when("light", rules(by_day)) + when("dark", rules(by_night));
}

std::string theme_version(std::string_view css) { return hex_encode(crypto::sha256(css)).substr(0, 12); }

}  // namespace godwit::login
