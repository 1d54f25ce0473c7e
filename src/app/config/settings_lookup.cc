// Finding a setting, and saying what an unknown key may have meant.
#include <algorithm>

#include "app/config/settings.h"
#include "base/near.h"
#include "base/text.h"

namespace godwit::config {
namespace {

/// Sections of ZITADEL's file that steer what Godwit does not have, or has without a setting.
constexpr std::string_view kUnused[] = {"Instrumentation",
                                        "Tracing",
                                        "Profiler",
                                        "Telemetry",
                                        "Caches",
                                        "Machine",
                                        "AssetStorage",
                                        "Projections",
                                        "Notifications",
                                        "Executions",
                                        "Auth",
                                        "Admin",
                                        "UserAgentCookie",
                                        "SAML",
                                        "SCIM",
                                        "Login",
                                        "Console",
                                        "EncryptionKeys",
                                        "SystemAPIUsers",
                                        "Actions",
                                        "LogStore",
                                        "Quotas",
                                        "Eventstore",
                                        "HTTPClient",
                                        "InternalAuthZ",
                                        "SystemAuthZ",
                                        "HTTP1HostHeader",
                                        "HTTP2HostHeader",
                                        "ServicePing",
                                        "CorrectCreationDate",
                                        "AddEventCreatedAt",
                                        "DefaultInstance.EmailTemplate",
                                        "DefaultInstance.MessageTexts",
                                        "DefaultInstance.SMTPConfiguration",
                                        "DefaultInstance.Features",
                                        "DefaultInstance.Quotas",
                                        "DefaultInstance.Limits",
                                        "DefaultInstance.Restrictions",
                                        "DefaultInstance.WebKeys",
                                        "SystemDefaults.SecretHasher",
                                        "SystemDefaults.PasswordHasher.Limits",
                                        "SystemDefaults.Tarpit",
                                        "SystemDefaults.DomainVerification",
                                        "SystemDefaults.Notifications",
                                        "SystemDefaults.Multifactors.RecoveryCodes",
                                        "SystemDefaults.KeyConfig",
                                        "SystemDefaults.DefaultQueryLimit",
                                        "SystemDefaults.MaxQueryLimit",
                                        "SystemDefaults.MaxIdPIntentLifetime",
                                        "OIDC.CustomEndpoints",
                                        "OIDC.DeviceAuth",
                                        "OIDC.PublicKeyCacheMaxAge",
                                        "OIDC.BackChannelLogout",
                                        "OIDC.DefaultBackChannelLogoutLifetime",
                                        "Database.cockroach",
                                        "Log.Formatter",
                                        "Log.Hooks"};

bool is_within(std::string_view path, std::string_view section) {
    return starts_with_ignoring_case(path, section) && (path.size() == section.size() || path[section.size()] == '.');
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

const Setting* find_setting(std::string_view path) {
    const auto found = std::ranges::find_if(settings(), [&](const Setting& setting) { return equals_ignoring_case(setting.path, path); });
    return found == settings().end() ? nullptr : &*found;
}

bool is_section(std::string_view path) {
    return std::ranges::any_of(settings(),
                               [&](const Setting& setting) { return setting.path.size() > path.size() && is_within(setting.path, path); });
}

bool is_unused_section(std::string_view path) {
    return std::ranges::any_of(kUnused, [&](std::string_view section) { return is_within(path, section); });
}

std::vector<std::string> environment_names(const Setting& setting) {
    const std::string name = to_ascii_upper(replace_all(setting.path, ".", "_"));
    if (name.starts_with("GODWIT_")) return {name};
    return {"GODWIT_" + name, "ZITADEL_" + name};
}

std::string nearest_path(std::string_view path) {
    const std::size_t most = std::max<std::size_t>(2, last_part(path).size() / 4);
    std::string best;
    std::size_t best_distance = most + 1;
    for (const Setting& setting : settings()) {
        // The same key elsewhere is as likely meant as another spelling here.
        const bool elsewhere = equals_ignoring_case(last_part(setting.path), last_part(path));
        const std::size_t far = elsewhere ? std::min(most, edit_distance(setting.path, path)) : edit_distance(setting.path, path);
        if (far < best_distance) {
            best_distance = far;
            best = setting.path;
        }
    }
    return best;
}

}  // namespace godwit::config
