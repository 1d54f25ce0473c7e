#include "login/pages.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "base/unicode.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/org/orgs.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/page.h"
#include "login/step.h"
#include "oidc/asked_idp.h"

namespace godwit::login {
namespace {

constexpr std::array<std::string_view, 2> kBases{"/ui/v2/login", "/ui/login"};
constexpr std::uint64_t kMaxFormBytes = 8 << 10;

struct Screen {
    std::string_view method, path;
    Lane lane;
    http::Toll toll;
    http::Response (*show)(Step&);
};
constexpr std::array<Screen, 19> kScreens{{
    {"GET", "/login", Lane::read, http::Toll::none, get_login},
    {"POST", "/login", Lane::read, http::Toll::password, post_login},
    {"POST", "/password", Lane::hash, http::Toll::password, post_password},
    {"POST", "/totp", Lane::write, http::Toll::password, post_totp},
    {"POST", "/change", Lane::hash, http::Toll::password, post_change},
    {"GET", "/device", Lane::read, http::Toll::none, get_device},
    {"POST", "/device", Lane::read, http::Toll::secret, post_device},
    {"GET", "/device/allow", Lane::read, http::Toll::none, get_device_allow},
    {"POST", "/device/allow", Lane::write, http::Toll::none, post_device_allow},
    {"GET", "/device/done", Lane::read, http::Toll::none, get_device_done},
    {"GET", "/accounts", Lane::read, http::Toll::none, get_accounts},
    {"POST", "/accounts", Lane::write, http::Toll::none, post_accounts},
    {"POST", "/register", Lane::hash, http::Toll::password, post_register},
    {"POST", "/consent", Lane::write, http::Toll::none, post_consent},
    {"GET", "/logout", Lane::read, http::Toll::none, get_logout},
    {"POST", "/logout", Lane::write, http::Toll::none, post_logout},
    {"GET", "/logout/done", Lane::read, http::Toll::none, get_logout_done},
    {"GET", "/theme.css", Lane::read, http::Toll::none, get_theme},
    {"GET", "/signed-in", Lane::read, http::Toll::none, get_signed_in},
}};

/// What is no text is not there: a name that holds a NUL is nobody's, and no store would look it up.
QueryParameters parameters_of(std::string_view encoded) {
    auto parameters = parse_query(encoded).value_or(QueryParameters{});
    std::erase_if(parameters, [](const auto& one) { return !is_valid_utf8(one.second) || one.second.find('\0') != one.second.npos; });
    return parameters;
}

Result<http::Response> answer(const Services& services, const Screen& screen, std::string_view base, const http::Request& request) {
    const auto found = TRY(services.instances.find_by_host(request.host));
    if (!found) return http::text_response(404, "no instance at this host\n");
    const auto instance = TRY(services.instances.get(found->scope));
    const auto parameters = parameters_of(screen.method == "POST" ? request.body : request.query);

    // An identifier that is not (or no longer) known still gets a page, in the words of a person.
    std::optional<oidc::AuthRequest> auth_request;
    std::optional<Error> gone;
    if (const auto id = find_parameter(parameters, "authRequest"); id && !id->empty()) {
        auto loaded = services.auth_requests.get_for_pages(found->scope, *id);
        if (loaded && loaded->handled) gone = Error{Code::failed_precondition, "LOGIN-Hnd01", "this request was answered before"};
        if (!loaded) gone = loaded.error();
        if (loaded) auth_request = *std::move(loaded);
    }
    std::string locales(find_parameter(parameters, "ui_locales").value_or(""));
    if (auth_request)
        for (const std::string& locale : auth_request->request.ui_locales) locales += (locales.empty() ? "" : " ") + locale;
    const auto asked =
        auth_request ? TRY(oidc::find_asked_org(services.orgs, found->scope, auth_request->request.scopes)) : oidc::AskedOrg{};
    const auto& org = asked.org;
    const auto policy =
        TRY(services.settings.get<settings::v1::LoginPolicy>(OrgScope(found->scope, org ? org->key : instance.default_org)));

    const Wishes wishes{
        .locales = std::move(locales), .accept = request.headers.get("accept-language"), .instance_wide = instance.default_language};

    Step step{.services = services,
              .request = request,
              .scope = found->scope,
              .base = std::string(base),
              .parameters = parameters,
              .browser = Browser(request),
              .key = TRY(services.sealers.of(found->scope))->subkey("login pages"),
              .auth_request = std::move(auth_request),
              .org = asked,
              .wishes = wishes,
              .look = TRY(find_appearance(services, OrgScope(found->scope, org ? org->key : OrgId{}), wishes)),
              .hides_users = policy.value.ignore_unknown_usernames()};
    if (gone) return step.show_error(*gone);
    if (step.auth_request && oidc::asks_for_idp(step.auth_request->request.scopes)) {
        step.auth_request.reset();  // there is no way back to signing in by a password
        return step.show_error(403, "error_idp");
    }
    return screen.show(step);
}

http::Response answer_or_excuse(const Services& services, const Screen& screen, std::string_view base, const http::Request& request) {
    auto response = answer(services, screen, base, request);
    if (response) return *std::move(response);
    // Without a store there is no brand and no language of the instance: plain words.
    log::error("sign-in page failed", {{"id", response.error().id}, {"error", response.error().message}, {"request", request.id}});
    const bool passing = response.error().code == Code::unavailable || response.error().code == Code::resource_exhausted;
    http::Response plain =
        http::text_response(passing ? 503 : 500, "Signing in does not work at the moment. Please try again in a few seconds.\n");
    plain.headers.set("retry-after", "5");
    return plain;
}

std::optional<http::Route> file_route(std::string_view path) {
    constexpr std::string_view kAssets = "/assets/";
    if (!path.starts_with(kAssets)) return std::nullopt;
    return http::Route{.lane = Lane::in_line,
                       .max_body_bytes = 0,
                       .stream_body = false,
                       .handle = [name = std::string(path.substr(kAssets.size()))](http::Request&) {
                           auto found = asset(name);
                           return found ? *std::move(found) : http::text_response(404, "not found\n");
                       }};
}

}  // namespace

std::optional<http::Route> Pages::route(const http::Request& request) const {
    for (const std::string_view base : kBases) {
        std::string_view path = request.path;
        if (!path.starts_with(base)) continue;
        path.remove_prefix(base.size());
        if (auto file = file_route(path); file && request.method == "GET") return file;
        for (const Screen& screen : kScreens) {
            if (screen.path != path || screen.method != request.method) continue;
            return http::Route{.lane = screen.lane,
                               .max_body_bytes = kMaxFormBytes,
                               .toll = screen.toll,
                               .handle = [this, &screen, base](http::Request& asked) {
                                   auto response = answer_or_excuse(services_, screen, base, asked);
                                   ask_to_stay_secure(asked, response);
                                   return response;
                               }};
        }
    }
    return std::nullopt;
}

bool Pages::owns(std::string_view path) {
    return std::ranges::any_of(kBases, [&](std::string_view base) { return path.starts_with(base); });
}

http::Response Pages::refusal(const http::Refusal& refusal, const http::Request& request) const {
    const Appearance look{.brand = {}, .language = built_in_language(request.headers.get("accept-language")), .links = {}};
    const Language& language = look.language;
    const std::string_view key = refusal.status == 429 ? "error_throttled" : refusal.status == 503 ? "error_busy" : "";
    View view;
    view.values = {{"heading", std::string(language["error_title"])},
                   {"message", key.empty() ? refusal.message : std::string(language[key])},
                   {"detail", std::string()}};
    return page(refusal.status, "error", language["error_title"], {.look = look}, view);
}

}  // namespace godwit::login
