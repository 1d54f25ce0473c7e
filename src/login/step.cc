#include "login/step.h"

#include "base/encoding.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "directory/org/orgs.h"
#include "login/theme.h"

namespace godwit::login {

std::string initial_of(std::string_view name) {
    return name.empty() || static_cast<unsigned char>(name.front()) >= 0x80 ? "•" : std::string(name.substr(0, 1));
}

Result<void> Step::appear_as(OrgId of) {
    if (!org.named) look = TRY(find_appearance(services, OrgScope(scope, of), wishes));
    return {};
}

Result<OrgId> Step::appear_as_signed_in() {
    OrgId of;
    const auto agent = TRY(find_agent(services.sessions, scope, browser));
    if (!agent) return of;
    for (const session::Session& session : TRY(services.sessions.of_agent(scope, *agent))) {
        if (of && session.org != of) return OrgId{};
        of = session.org;
    }
    if (of) TRY(appear_as(of));
    return of;
}

std::string Step::address(std::string_view path, QueryParameters more) const {
    if (auth_request) more.emplace(more.begin(), "authRequest", auth_request->id);
    return add_query(base + "/" + std::string(path), more);
}

std::map<std::string, std::string> Step::hidden() {
    std::map<std::string, std::string> fields;
    fields["csrf"] = browser.csrf_token(key, request_id());
    if (auth_request) fields["authRequest"] = auth_request->id;
    return fields;
}

std::string Step::sign(std::string_view purpose, std::initializer_list<std::string_view> parts) const {
    std::string what = std::string(purpose) + "\n" + browser.secret() + "\n" + request_id();
    for (const std::string_view part : parts) what.append("\n").append(part);
    return base64_encode(crypto::hmac_sha256(key.reveal(), what), Base64::url);
}

bool Step::csrf_ok() const { return browser.check_csrf(key, request_id(), parameter("csrf")); }

http::Response Step::show(int status, std::string_view template_name, std::string_view title_key, const View& view) {
    Frame frame{.look = look, .assets = base + "/assets", .form_target = form_target, .frames = frames};
    if (auth_request) frame.form_target = csp_source(auth_request->request.redirect_uri);
    http::Response response = page(status, template_name, text(title_key), frame, view);
    browser.write_cookies(response);
    return response;
}

http::Response Step::show_error(int status, std::string_view text_key, std::string_view detail) {
    View view;
    view.values = {
        {"heading", std::string(text("error_title"))}, {"message", std::string(text(text_key))}, {"detail", std::string(detail)}};
    if (auth_request && !auth_request->handled) view.values["back"] = address("login");
    return show(status, "error", "error_title", view);
}

http::Response Step::show_error(const Error& error) {
    switch (error.code) {
        case Code::not_found:
        case Code::failed_precondition:
            return show_error(410, "error_request_gone", error.id);
        case Code::permission_denied:
            return show_error(403, "error_not_permitted", error.id);
        case Code::resource_exhausted:
        case Code::unavailable: {
            http::Response response = show_error(503, "error_busy", error.id);
            response.headers.set("retry-after", "5");
            return response;
        }
        default:
            log::error("sign-in page failed", {{"id", error.id}, {"error", error.message}, {"request", request.id}});
    }
    return show_error(500, "error_internal", request.id);
}

http::Response get_theme(Step& step) {
    auto answer = [&]() -> Result<http::Response> {
        const auto named = TRY(step.services.orgs.find(step.scope, step.parameter("org")));
        const std::string css = TRY(find_theme(step.services, OrgScope(step.scope, named ? named->key : OrgId{})));
        http::Response response = http::text_response(200, css, "text/css; charset=utf-8");
        const bool current = step.parameter("v") == theme_version(css);
        response.headers.set("cache-control", current ? "public, max-age=31536000, immutable" : "no-cache");
        response.headers.set("x-content-type-options", "nosniff");
        return response;
    }();
    return answer ? *std::move(answer) : http::text_response(503, "");
}

http::Response Step::go(std::string_view location) {
    http::Response response = redirect(location);
    browser.write_cookies(response);
    return response;
}

}  // namespace godwit::login
