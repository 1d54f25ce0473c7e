// The built-in value of every policy that has one: what a fresh instance of the reference answers.
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::settings {
namespace {

constexpr std::int64_t kHour = 3'600;

v1::LoginPolicy login_policy() {
    v1::LoginPolicy policy;
    policy.set_allow_username_password(true);
    policy.set_allow_register(true);
    policy.set_allow_external_idp(true);
    policy.set_allow_passwordless(true);
    policy.set_allow_domain_discovery(true);
    policy.set_password_check_lifetime(240 * kHour);
    policy.set_external_login_check_lifetime(240 * kHour);
    policy.set_mfa_init_skip_lifetime(720 * kHour);
    policy.set_second_factor_check_lifetime(18 * kHour);
    policy.set_multi_factor_check_lifetime(12 * kHour);
    policy.add_second_factors(v1::SECOND_FACTOR_OTP);
    policy.add_second_factors(v1::SECOND_FACTOR_U2F);
    policy.add_multi_factors(v1::MULTI_FACTOR_U2F_WITH_VERIFICATION);
    return policy;
}

v1::PasswordComplexityPolicy password_complexity_policy() {
    v1::PasswordComplexityPolicy policy;
    policy.set_min_length(8);
    policy.set_has_lowercase(true);
    policy.set_has_uppercase(true);
    policy.set_has_number(true);
    policy.set_has_symbol(true);
    return policy;
}

v1::NotificationPolicy notification_policy() {
    v1::NotificationPolicy policy;
    policy.set_password_change(true);
    return policy;
}

v1::LabelPolicy label_policy() {
    v1::LabelPolicy policy;
    policy.set_primary_color("#5469d4");
    policy.set_background_color("#fafafa");
    policy.set_warn_color("#cd3d56");
    policy.set_font_color("#000000");
    policy.set_primary_color_dark("#2073c4");
    policy.set_background_color_dark("#111827");
    policy.set_warn_color_dark("#ff3b5b");
    policy.set_font_color_dark("#ffffff");
    policy.set_theme(v1::THEME_AUTO);
    return policy;
}

v1::OidcSettings oidc_settings() {
    v1::OidcSettings settings;
    settings.set_access_token_lifetime(12 * kHour);
    settings.set_id_token_lifetime(12 * kHour);
    settings.set_refresh_token_idle_expiration(720 * kHour);
    settings.set_refresh_token_expiration(2'160 * kHour);
    return settings;
}

/// Fills `out` when it is of this type.
template <class Policy>
bool fill(google::protobuf::Message& out, Policy (*make)()) {
    if (out.GetDescriptor() != Policy::descriptor()) return false;
    static_cast<Policy&>(out) = make();
    return true;
}

}  // namespace

void fill_default(google::protobuf::Message& out) {
    out.Clear();
    fill(out, login_policy) || fill(out, password_complexity_policy) || fill(out, notification_policy) || fill(out, label_policy) ||
        fill(out, oidc_settings);
}

}  // namespace godwit::settings
