#include "app/first_start.h"

#include "app/first_users.h"
#include "app/services.h"
#include "base/log.h"

namespace godwit::app {
namespace {

namespace policy = settings::v1;
using store::Database;

std::int64_t seconds(config::Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); }

policy::LoginPolicy login_policy(const config::LoginPolicy& wanted) {
    policy::LoginPolicy policy;
    settings::fill_default(policy);  // factors have no key in the configuration
    policy.set_allow_username_password(wanted.allow_username_password);
    policy.set_allow_register(wanted.allow_register);
    policy.set_allow_external_idp(wanted.allow_external_idp);
    policy.set_force_mfa(wanted.force_mfa);
    policy.set_force_mfa_local_only(wanted.force_mfa_local_only);
    policy.set_allow_passwordless(wanted.passwordless_type == 1);
    policy.set_hide_password_reset(wanted.hide_password_reset);
    policy.set_ignore_unknown_usernames(wanted.ignore_unknown_usernames);
    policy.set_allow_domain_discovery(wanted.allow_domain_discovery);
    policy.set_disable_login_with_email(wanted.disable_login_with_email);
    policy.set_disable_login_with_phone(wanted.disable_login_with_phone);
    policy.set_default_redirect_uri(wanted.default_redirect_uri);
    policy.set_password_check_lifetime(seconds(wanted.password_check_lifetime));
    policy.set_external_login_check_lifetime(seconds(wanted.external_login_check_lifetime));
    policy.set_mfa_init_skip_lifetime(seconds(wanted.mfa_init_skip_lifetime));
    policy.set_second_factor_check_lifetime(seconds(wanted.second_factor_check_lifetime));
    policy.set_multi_factor_check_lifetime(seconds(wanted.multi_factor_check_lifetime));
    return policy;
}

policy::LabelPolicy label_policy(const config::LabelPolicy& wanted) {
    policy::LabelPolicy policy;
    settings::fill_default(policy);
    policy.set_primary_color(wanted.primary_color);
    policy.set_background_color(wanted.background_color);
    policy.set_warn_color(wanted.warn_color);
    policy.set_font_color(wanted.font_color);
    policy.set_primary_color_dark(wanted.primary_color_dark);
    policy.set_background_color_dark(wanted.background_color_dark);
    policy.set_warn_color_dark(wanted.warn_color_dark);
    policy.set_font_color_dark(wanted.font_color_dark);
    policy.set_hide_login_name_suffix(wanted.hide_login_name_suffix);
    policy.set_disable_watermark(wanted.disable_watermark);
    return policy;
}

policy::PrivacyPolicy privacy_policy(const config::PrivacyPolicy& wanted) {
    policy::PrivacyPolicy policy;
    policy.set_tos_link(wanted.tos_link);
    policy.set_privacy_link(wanted.privacy_link);
    policy.set_help_link(wanted.help_link);
    policy.set_support_email(wanted.support_email);
    policy.set_docs_link(wanted.docs_link);
    policy.set_custom_link(wanted.custom_link);
    policy.set_custom_link_text(wanted.custom_link_text);
    return policy;
}

policy::PasswordComplexityPolicy complexity_policy(const config::PasswordComplexity& wanted) {
    policy::PasswordComplexityPolicy policy;
    policy.set_min_length(static_cast<std::uint64_t>(wanted.min_length));
    policy.set_has_lowercase(wanted.has_lowercase);
    policy.set_has_uppercase(wanted.has_uppercase);
    policy.set_has_number(wanted.has_number);
    policy.set_has_symbol(wanted.has_symbol);
    return policy;
}

policy::DomainPolicy domain_policy(const config::DomainPolicy& wanted) {
    policy::DomainPolicy policy;
    policy.set_user_login_must_be_domain(wanted.user_login_must_be_domain);
    policy.set_validate_org_domains(wanted.validate_org_domains);
    policy.set_smtp_sender_address_matches_instance_domain(wanted.smtp_sender_address_matches_instance_domain);
    return policy;
}

/// Writes what the configuration says otherwise than the built-in values.
Result<void> set_policies(Services& services, store::Writer& db, const OrgScope& instance, const store::Editor& editor,
                          const config::DefaultInstance& wanted) {
    policy::PasswordAgePolicy age;
    age.set_max_age_days(static_cast<std::uint64_t>(wanted.password_max_age_days));
    age.set_expire_warn_days(static_cast<std::uint64_t>(wanted.password_expire_warn_days));
    policy::LockoutPolicy lockout;
    lockout.set_max_password_attempts(static_cast<std::uint64_t>(wanted.max_password_attempts));
    lockout.set_max_otp_attempts(static_cast<std::uint64_t>(wanted.max_otp_attempts));
    policy::NotificationPolicy notification;
    notification.set_password_change(wanted.notify_password_change);

    const auto set = [&](const google::protobuf::Message& value) { return services.settings.set(db, instance, editor, value); };
    TRY(set(login_policy(wanted.login)));
    TRY(set(complexity_policy(wanted.password_complexity)));
    TRY(set(age));
    TRY(set(lockout));
    TRY(set(domain_policy(wanted.domain)));
    TRY(set(notification));
    TRY(set(label_policy(wanted.label)));
    TRY(set(privacy_policy(wanted.privacy)));
    // The built-in values may be replaced by others of the configuration (`OIDC.Default…`), which this leaves alone.
    policy::OidcSettings built_in;
    settings::fill_default(built_in);
    const auto oidc = oidc_settings(wanted.oidc);
    if (oidc.SerializeAsString() != built_in.SerializeAsString()) TRY(set(oidc));
    return {};
}

/// The public client that the console in the browser is.
application::NewApp console_app(std::string_view origin, bool secure) {
    const std::string base = std::string(origin) + "/ui/console";
    application::OidcConfig config;
    config.redirect_uris = {base + "/auth/callback"};
    config.post_logout_redirect_uris = {base + "/signedout"};
    config.response_types = {application::ResponseType::code};
    config.grant_types = {application::GrantType::authorization_code};
    config.app_type = application::AppType::user_agent;
    config.auth_method = application::OidcAuthMethod::none;
    config.dev_mode = !secure;
    return {.name = "Console", .config = config};
}

std::vector<std::string> other_hosts(const config::Config& config) {
    // On one's own machine all its names are meant.
    if (config.external_domain == "localhost") return {"127.0.0.1", "[::1]"};
    return {};
}

/// The instance, its keys, its first organization and its project, in one transaction.
Result<InstanceScope> make_instance(Services& services, const config::Config& config, const store::Editor& editor) {
    const auto algorithm = crypto::Algorithm::RS256;
    const auto signing_key = key::SigningKeys::make({algorithm, static_cast<int>(config.system_defaults.signing_key_size)});
    return services.store.write(Database::directory, [&](store::Writer& db) -> Result<InstanceScope> {
        const config::FirstInstance& first = config.first_instance;
        const auto instance = TRY(services.instances.create(db, editor,
                                                            {.name = first.instance_name,
                                                             .default_language = first.default_language,
                                                             .primary_host = config.external_domain,
                                                             .other_hosts = other_hosts(config)}));
        const InstanceScope scope = instance.scope();
        TRY(services.sealers.create(db, InstanceScope::of(InstanceNo{0})));
        const auto sealer = TRY(services.sealers.create(db, scope));
        TRY(services.signing_keys.create(db, scope, editor, *sealer, algorithm, signing_key));
        TRY(set_policies(services, db, OrgScope(scope, OrgId{}), editor, config.default_instance));

        const auto org = TRY(services.orgs.create(db, scope, editor, {.name = first.org.name}));
        TRY(services.instances.set_default_org(db, scope, editor, org.key));
        const OrgScope owner(scope, org.key);
        const auto project = TRY(services.projects.create(db, owner, editor, {.name = "ZITADEL"}));
        const std::string origin = services.instances.external().origin(instance.primary_host());
        const auto console = TRY(services.apps.create(db, owner, project.id, editor, console_app(origin, config.external_secure)));
        TRY(services.instances.set_console(db, scope, editor, project.key, console.app.key));
        return scope;
    });
}

/// The instance whose first start was interrupted.
Result<std::optional<InstanceScope>> find_unfinished(const Services& services, const std::vector<InstanceScope>& scopes) {
    for (const auto scope : scopes) {
        if (TRY(services.instances.get(scope)).state == instance::State::creating) return scope;
    }
    return std::nullopt;
}

}  // namespace

policy::OidcSettings oidc_settings(const config::OidcSettings& wanted) {
    policy::OidcSettings settings;
    settings.set_access_token_lifetime(seconds(wanted.access_token_lifetime));
    settings.set_id_token_lifetime(seconds(wanted.id_token_lifetime));
    settings.set_refresh_token_idle_expiration(seconds(wanted.refresh_token_idle_expiration));
    settings.set_refresh_token_expiration(seconds(wanted.refresh_token_expiration));
    return settings;
}

Result<std::string> first_start(Services& services, const config::Config& config) {
    const store::Editor editor{.user = {}, .service = "First start", .request_id = {}};
    const auto scopes = TRY(services.instances.all());
    auto unfinished = TRY(find_unfinished(services, scopes));
    if (!scopes.empty() && !unfinished) return std::string();
    if (scopes.empty()) {
        if (config.first_instance.skip) return std::string();
        unfinished = TRY(make_instance(services, config, editor));
    }
    const auto instance = TRY(services.instances.get(*unfinished));
    std::string greeting = TRY(make_first_users(services, config, OrgScope(*unfinished, instance.default_org), editor));
    TRY(services.instances.set_running(*unfinished));
    log::info("the first instance is made", {{"instance", instance.id}, {"domain", instance.primary_host()}});
    return greeting;
}

}  // namespace godwit::app
