#include "login/theme.h"

#include <gmock/gmock.h>

#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::login {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Colour, IsReadInBothFormsAndNothingElseIs) {
    EXPECT_EQ(parse_colour("#1A2b3c")->hex(), "#1a2b3c");
    EXPECT_EQ(parse_colour("#fb0")->hex(), "#ffbb00");
    for (const char* text : {"", "#", "red", "1a2b3c", "#12345", "#1234567", "#12345g", "#fff;}", "#ff }"})
        EXPECT_FALSE(parse_colour(text)) << text;
    EXPECT_DOUBLE_EQ(parse_colour("#fff")->luminance(), 1.0);
    EXPECT_DOUBLE_EQ(parse_colour("#000")->luminance(), 0.0);
}

TEST(Theme, HasTheColoursSomebodyChose) {
    settings::v1::LabelPolicy policy;
    settings::fill_default(policy);
    EXPECT_EQ(theme_css(policy), "") << "the style sheet's own";
    policy.set_primary_color("#ffcc00");
    policy.set_font_color("url(https://evil.example)");
    policy.set_background_color_dark("#101820");
    const auto css = theme_css(policy);
    EXPECT_THAT(css, AllOf(HasSubstr("--brand: #ffcc00;"), HasSubstr("--on-brand: #000000;"), HasSubstr("--page: #101820;"),
                           Not(HasSubstr("evil")), Not(HasSubstr("--text"))));
    EXPECT_LT(css.find("--brand"), css.find("prefers-color-scheme: dark"));
    policy.set_primary_color("#003366");
    EXPECT_THAT(theme_css(policy), HasSubstr("--on-brand: #ffffff;"));
    EXPECT_NE(theme_version(css), theme_version(theme_css(policy)));
}

TEST(Theme, IsTheOneSchemeThatSomebodyDecidedOn) {
    settings::v1::LabelPolicy policy;
    settings::fill_default(policy);
    policy.set_primary_color("#ffcc00");
    policy.set_primary_color_dark("#003366");
    EXPECT_EQ(scheme_of(policy), Scheme::either);
    policy.set_theme(settings::v1::THEME_LIGHT);
    EXPECT_EQ(scheme_of(policy), Scheme::light);
    EXPECT_THAT(theme_css(policy), AllOf(HasSubstr("#ffcc00"), Not(HasSubstr("#003366")), Not(HasSubstr("@media"))));
    policy.set_theme(settings::v1::THEME_DARK);
    EXPECT_EQ(scheme_of(policy), Scheme::dark);
    EXPECT_THAT(theme_css(policy), AllOf(HasSubstr("#003366"), Not(HasSubstr("#ffcc00")), Not(HasSubstr("@media"))));
}

}  // namespace
}  // namespace godwit::login
