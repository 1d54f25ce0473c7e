// The policies of an organization, and its words.
#include "api/admin/import_run.h"
#include "api/encode/login_texts.h"
#include "base/text.h"
#include "directory/idp/idps.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
namespace pb = zitadel::admin::v1;

struct Taken {
    std::string_view id, key;
};

/// Sets a policy that the organization does not have of its own yet.
Result<void> add_policy(ImportRun& run, const OrgImport& org, const google::protobuf::Message& policy, const Taken& taken) {
    if (TRY(run.services.settings.exists(org.scope, policy))) return fail(Code::already_exists, taken.id, taken.key);
    TRY(run.services.settings.set(org.scope, run.call.editor, policy));
    return {};
}

template <class Request>
void each_policy(ImportRun& run, const OrgImport& org, std::string_view part, std::string_view type,
                 const std::function<Result<void>(const Request&)>& take) {
    run.each<Request>(org, part, type, [&](const Request&) { return org.id(); }, take);
}

/// Colours and links end on the sign-in pages of people who did not choose them.
Result<void> check_colors(std::initializer_list<const std::string*> colors) {
    for (const std::string* color : colors) {
        if (color->empty()) continue;
        const bool digits = color->find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
        if (color->front() != '#' || !digits || (color->size() != 4 && color->size() != 7))
            return fail(Code::invalid_argument, "IMPORT-Col01", "a colour is # and three or six hexadecimal digits");
    }
    return {};
}

Result<void> check_links(std::initializer_list<const std::string*> links) {
    for (const std::string* link : links) {
        if (!link->empty() && !starts_with_ignoring_case(*link, "https://") && !starts_with_ignoring_case(*link, "http://"))
            return fail(Code::invalid_argument, "IMPORT-Url01", "a link of the privacy policy begins with https:// or http://");
    }
    return {};
}

/// Both generations of the file: they differ in the type of the message alone.
template <class Request>
settings::v1::DomainPolicy decode_domain_policy(const Request& request) {
    settings::v1::DomainPolicy policy;
    policy.set_user_login_must_be_domain(request.user_login_must_be_domain());
    if constexpr (requires { request.validate_org_domains(); }) {
        policy.set_validate_org_domains(request.validate_org_domains());
        policy.set_smtp_sender_address_matches_instance_domain(request.smtp_sender_address_matches_instance_domain());
    }
    return policy;
}

settings::v1::LabelPolicy decode_label_policy(const mgmt::AddCustomLabelPolicyRequest& request) {
    settings::v1::LabelPolicy policy;
    policy.set_primary_color(request.primary_color());
    policy.set_background_color(request.background_color());
    policy.set_warn_color(request.warn_color());
    policy.set_font_color(request.font_color());
    policy.set_primary_color_dark(request.primary_color_dark());
    policy.set_background_color_dark(request.background_color_dark());
    policy.set_warn_color_dark(request.warn_color_dark());
    policy.set_font_color_dark(request.font_color_dark());
    policy.set_hide_login_name_suffix(request.hide_login_name_suffix());
    policy.set_disable_watermark(request.disable_watermark());
    policy.set_theme(static_cast<settings::v1::Theme>(request.theme_mode()));
    return policy;
}

Result<void> add_idp(ImportRun& run, const OrgImport& org, const std::string& idp_id, settings::v1::LoginPolicy& policy) {
    const auto idp = TRY(run.services.idps.find(org.scope, idp_id));
    if (!idp) return fail(Code::failed_precondition, "COMMAND-39nfs", "no identity provider has this id");
    policy.add_idps(idp->key.key);
    return {};
}

Result<settings::v1::LoginPolicy> decode_login_policy(ImportRun& run, const OrgImport& org,
                                                      const mgmt::AddCustomLoginPolicyRequest& request) {
    settings::v1::LoginPolicy policy;
    policy.set_allow_username_password(request.allow_username_password());
    policy.set_allow_register(request.allow_register());
    policy.set_allow_external_idp(request.allow_external_idp());
    policy.set_force_mfa(request.force_mfa());
    policy.set_force_mfa_local_only(request.force_mfa_local_only());
    policy.set_allow_passwordless(request.passwordless_type() == zitadel::policy::v1::PASSWORDLESS_TYPE_ALLOWED);
    policy.set_hide_password_reset(request.hide_password_reset());
    policy.set_ignore_unknown_usernames(request.ignore_unknown_usernames());
    policy.set_allow_domain_discovery(request.allow_domain_discovery());
    policy.set_disable_login_with_email(request.disable_login_with_email());
    policy.set_disable_login_with_phone(request.disable_login_with_phone());
    policy.set_default_redirect_uri(request.default_redirect_uri());
    policy.set_password_check_lifetime(request.password_check_lifetime().seconds());
    policy.set_external_login_check_lifetime(request.external_login_check_lifetime().seconds());
    policy.set_mfa_init_skip_lifetime(request.mfa_init_skip_lifetime().seconds());
    policy.set_second_factor_check_lifetime(request.second_factor_check_lifetime().seconds());
    policy.set_multi_factor_check_lifetime(request.multi_factor_check_lifetime().seconds());
    for (const auto factor : request.second_factors()) policy.add_second_factors(static_cast<settings::v1::SecondFactor>(factor));
    for (const auto factor : request.multi_factors()) policy.add_multi_factors(static_cast<settings::v1::MultiFactor>(factor));
    for (const auto& idp : request.idps()) TRY(add_idp(run, org, idp.idp_id(), policy));
    return policy;
}

Result<void> add_login_policy(ImportRun& run, const OrgImport& org, const mgmt::AddCustomLoginPolicyRequest& request) {
    const auto policy = TRY(decode_login_policy(run, org, request));
    return add_policy(run, org, policy, {"Org-Dgfb2", "Errors.Org.LoginPolicy.AlreadyExists"});
}

/// The older form of the file has the factors and providers of the login policy beside it.
template <class Request>
void extend_login_policy(ImportRun& run, const OrgImport& org, std::string_view part,
                         const std::function<std::string(const Request&)>& id_of,
                         const std::function<Result<void>(const Request&, settings::v1::LoginPolicy&)>& extend) {
    run.each<Request>(
        org, part, "login_policy", [&](const Request& request) { return joined({org.id(), id_of(request)}); },
        [&](const Request& request) -> Result<void> {
            auto policy = TRY(run.services.settings.get<settings::v1::LoginPolicy>(org.scope)).value;
            TRY(extend(request, policy));
            TRY(run.services.settings.set(org.scope, run.call.editor, policy));
            return {};
        });
}

void extend_login_policy(ImportRun& run, const OrgImport& org) {
    extend_login_policy<mgmt::AddSecondFactorToLoginPolicyRequest>(
        run, org, "second_factors", [](const auto& request) { return std::to_string(request.type()); },
        [](const auto& request, settings::v1::LoginPolicy& policy) -> Result<void> {
            policy.add_second_factors(static_cast<settings::v1::SecondFactor>(request.type()));
            return {};
        });
    extend_login_policy<mgmt::AddMultiFactorToLoginPolicyRequest>(
        run, org, "multi_factors", [](const auto& request) { return std::to_string(request.type()); },
        [](const auto& request, settings::v1::LoginPolicy& policy) -> Result<void> {
            policy.add_multi_factors(static_cast<settings::v1::MultiFactor>(request.type()));
            return {};
        });
    extend_login_policy<mgmt::AddIDPToLoginPolicyRequest>(
        run, org, "idps", [](const auto& request) { return request.idp_id(); },
        [&](const auto& request, settings::v1::LoginPolicy& policy) { return add_idp(run, org, request.idp_id(), policy); });
}

}  // namespace

void import_domain_policy(ImportRun& run, const OrgImport& org) {
    const auto take = [&](const auto& request) {
        return add_policy(run, org, decode_domain_policy(request), {"ORG-1M8ds", "Errors.Org.DomainPolicy.AlreadyExists"});
    };
    each_policy<pb::AddCustomDomainPolicyRequest>(run, org, "domain_policy", "domain_policy", take);
    each_policy<zitadel::v1::v1::AddCustomOrgIAMPolicyRequest>(run, org, "iam_policy", "domain_policy", take);
}

void import_appearance(ImportRun& run, const OrgImport& org) {
    each_policy<mgmt::AddCustomLabelPolicyRequest>(run, org, "label_policy", "label_policy", [&](const auto& request) -> Result<void> {
        const auto policy = decode_label_policy(request);
        TRY(check_colors({&policy.primary_color(), &policy.background_color(), &policy.warn_color(), &policy.font_color(),
                          &policy.primary_color_dark(), &policy.background_color_dark(), &policy.warn_color_dark(),
                          &policy.font_color_dark()}));
        return add_policy(run, org, policy, {"Org-2B0ps", "Errors.Org.LabelPolicy.AlreadyExists"});
    });
    each_policy<mgmt::AddCustomLockoutPolicyRequest>(run, org, "lockout_policy", "lockout_policy", [&](const auto& request) {
        settings::v1::LockoutPolicy policy;
        policy.set_max_password_attempts(request.max_password_attempts());
        policy.set_max_otp_attempts(request.max_otp_attempts());
        return add_policy(run, org, policy, {"ORG-0olDf", "Errors.ORG.LockoutPolicy.AlreadyExists"});
    });
}

void import_sign_in(ImportRun& run, const OrgImport& org) {
    each_policy<mgmt::AddCustomLoginPolicyRequest>(run, org, "login_policy", "login_policy",
                                                   [&](const auto& request) { return add_login_policy(run, org, request); });
    extend_login_policy(run, org);
    each_policy<mgmt::AddCustomPasswordComplexityPolicyRequest>(
        run, org, "password_complexity_policy", "password_complexity_policy", [&](const auto& request) -> Result<void> {
            if (request.min_length() == 0 || request.min_length() > 72)
                return fail(Code::invalid_argument, "MODEL-Lsp0e", "Errors.User.PasswordComplexityPolicy.MinLengthNotAllowed");
            settings::v1::PasswordComplexityPolicy policy;
            policy.set_min_length(request.min_length());
            policy.set_has_lowercase(request.has_lowercase());
            policy.set_has_uppercase(request.has_uppercase());
            policy.set_has_number(request.has_number());
            policy.set_has_symbol(request.has_symbol());
            return add_policy(run, org, policy, {"Org-LdhbS", "Errors.Org.PasswordComplexityPolicy.AlreadyExists"});
        });
    each_policy<mgmt::AddCustomPrivacyPolicyRequest>(
        run, org, "privacy_policy", "privacy_policy", [&](const auto& request) -> Result<void> {
            TRY(check_links(
                {&request.tos_link(), &request.privacy_link(), &request.help_link(), &request.docs_link(), &request.custom_link()}));
            settings::v1::PrivacyPolicy policy;
            policy.set_tos_link(request.tos_link());
            policy.set_privacy_link(request.privacy_link());
            policy.set_help_link(request.help_link());
            policy.set_support_email(request.support_email());
            policy.set_docs_link(request.docs_link());
            policy.set_custom_link(request.custom_link());
            policy.set_custom_link_text(request.custom_link_text());
            return add_policy(run, org, policy, {"Org-0oLpd", "Errors.Org.PrivacyPolicy.AlreadyExists"});
        });
}

void import_login_texts(ImportRun& run, const OrgImport& org) {
    run.each<mgmt::SetCustomLoginTextsRequest>(
        org, "login_texts", "login_text", [&](const auto& request) { return joined({org.id(), request.language()}); },
        [&](const auto& request) -> Result<void> {
            TRY(set_custom_login_texts(run.services.texts, org.scope, run.call.editor, request));
            return {};
        });
}

}  // namespace godwit::api
