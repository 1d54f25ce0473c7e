// An organization's colours (its label policy) as CSS: a second style sheet over web/login/assets/style.css.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::settings::v1 {
class LabelPolicy;
}

namespace godwit::login {

/// Light or dark: as the device asks for it, or as somebody decided.
enum class Scheme { either, light, dark };
/// The policy's theme mode.
Scheme scheme_of(const settings::v1::LabelPolicy& policy);

/// The custom properties for the colours that somebody chose, in the schemes that are shown: those that differ from the program's defaults,
/// in which the style sheet has colours of its own. "" when there are none. What is no colour of the form #rgb or #rrggbb is left out.
std::string theme_css(const settings::v1::LabelPolicy& policy);

/// A short text that changes with the style sheet, so that browsers may keep it for good.
std::string theme_version(std::string_view css);

struct Colour {
    int red = 0, green = 0, blue = 0;
    /// "#1a2b3c"
    std::string hex() const;
    /// Relative luminance, 0 … 1 (WCAG 2.1).
    double luminance() const;
};
std::optional<Colour> parse_colour(std::string_view text);

}  // namespace godwit::login
