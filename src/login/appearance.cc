#include "login/appearance.h"

#include "base/text.h"
#include "base/url.h"
#include "directory/instance/instances.h"
#include "directory/org/orgs.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/pages.h"
#include "login/theme.h"

namespace godwit::login {
namespace {

bool is_web_address(std::string_view address) {
    return starts_with_ignoring_case(address, "https://") || starts_with_ignoring_case(address, "http://");
}

std::vector<std::pair<std::string, std::string>> links_of(const settings::v1::PrivacyPolicy& policy, const Language& language) {
    std::vector<std::pair<std::string, std::string>> links;
    const auto add = [&](std::string_view label_key, const std::string& address) {
        // The contract's one placeholder: a page for each language.
        if (is_web_address(address)) links.emplace_back(language[label_key], replace_all(address, "{{.Lang}}", language.code()));
    };
    add("footer_text.tos", policy.tos_link());
    add("footer_text.privacy_policy", policy.privacy_link());
    add("footer_text.help", policy.help_link());
    if (!policy.support_email().empty()) links.emplace_back(language["footer_text.support_email"], "mailto:" + policy.support_email());
    return links;
}

}  // namespace

Result<Appearance> find_appearance(const Services& services, const OrgScope& org, const Wishes& wishes) {
    Language language = TRY(find_language(services.texts, org, wishes));
    const auto privacy = TRY(services.settings.get<settings::v1::PrivacyPolicy>(org));
    auto links = links_of(privacy.value, language);
    const auto label = TRY(services.settings.get<settings::v1::LabelPolicy>(org)).value;
    const std::string css = theme_css(label);
    std::string theme, brand;
    if (org.org()) {
        const auto found = TRY(services.orgs.get(org));
        brand = found.name;
        if (!css.empty()) theme = add_query("theme.css", QueryParameters{{"org", found.id}, {"v", theme_version(css)}});
    } else {
        brand = TRY(services.instances.get(org.instance())).name;
        if (!css.empty()) theme = add_query("theme.css", QueryParameters{{"v", theme_version(css)}});
    }
    return Appearance{.brand = std::move(brand),
                      .language = std::move(language),
                      .links = std::move(links),
                      .theme = std::move(theme),
                      .scheme = scheme_of(label)};
}

Result<std::string> find_theme(const Services& services, const OrgScope& org) {
    return theme_css(TRY(services.settings.get<settings::v1::LabelPolicy>(org)).value);
}

}  // namespace godwit::login
