// The sign-in pages and the provider's endpoints over a real store: whatever a browser sends, the answer is a page or a refusal, never
// a fault of ours, and what it repeats is escaped. Input: method and target, newline, cookie, newline, body (the token that forms carry
// against forgery, "{csrf}", and the request of an application, "{auth}", are filled in: the fuzzer cannot guess them).
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/first_start.h"
#include "app/services.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "login/pages.h"

namespace {

using namespace godwit;

void require(bool condition, std::string_view what) {
    if (condition) return;
    std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

std::string body_of(const http::Response& response) {
    const auto* text = std::get_if<std::string>(&response.body);
    return text ? *text : std::string();
}

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
    const auto at = text.find(begin);
    if (at == text.npos) return {};
    const auto rest = text.substr(at + begin.size());
    return std::string(rest.substr(0, rest.find(end)));
}

/// A server after its first start, without the server.
class World {
public:
    World() : folder_(std::filesystem::temp_directory_path() / ("godwit-login-fuzz-" + std::to_string(::getpid()))) {
        log::configure(log::Level::error, log::Format::text);
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        store_ = store::open_sqlite({.directory = folder_}, clock_).value();
        const app::ServiceSetup setup{
            .external = {}, .hasher = {.argon2_memory_kib = 64, .argon2_passes = 1}, .verifier = {}, .lifetimes = {}};
        services_ = app::Services::build(*store_, clock_, *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))), setup).value();
        config::Config config;
        config.external_secure = false;
        config.first_instance.org.human.user_name = "root";
        config.first_instance.org.human.password = Secret("RootPassword1!");
        require(app::first_start(*services_, config).has_value(), "the first start failed");
        pages_ = std::make_unique<login::Pages>(login::Services{.store = *store_,
                                                                .clock = clock_,
                                                                .instances = services_->instances,
                                                                .settings = services_->settings,
                                                                .texts = services_->texts,
                                                                .orgs = services_->orgs,
                                                                .apps = services_->apps,
                                                                .users = services_->users,
                                                                .passwords = services_->passwords,
                                                                .links = services_->links,
                                                                .sessions = services_->sessions,
                                                                .password_check = *services_->password_check,
                                                                .totp_check = services_->totp_check,
                                                                .session_age = services_->session_age,
                                                                .sealers = services_->sealers,
                                                                .auth_requests = services_->provider.auth_requests(),
                                                                .clients = services_->provider.clients(),
                                                                .front_channel = services_->provider.front_channel()});
        meet_a_browser();
    }
    ~World() {
        pages_.reset();
        services_.reset();
        store_.reset();
        std::filesystem::remove_all(folder_);
    }
    World(const World&) = delete;

    http::Response ask(std::string_view method, std::string_view target, std::string_view cookie, std::string body) {
        http::Request request;
        request.method = method;
        request.path = target.substr(0, target.find('?'));
        request.query = target.size() > request.path.size() ? target.substr(request.path.size() + 1) : "";
        request.host = "localhost";
        request.port = "8080";
        request.client_address = "192.0.2.1";
        request.id = "fuzz";
        request.body = fill(std::move(body));
        request.query = fill(std::move(request.query));
        if (request.method == "POST") request.headers.set("content-type", "application/x-www-form-urlencoded");
        request.headers.set("cookie", cookie.empty() ? cookie_ : std::string(cookie));
        auto route = services_->provider.route(request);
        if (!route) route = pages_->route(request);
        if (!route || request.body.size() > route->max_body_bytes) return http::text_response(404, "");
        return route->handle(request);
    }

private:
    /// A first look at the pages, from which the browser has its cookie; and a request of the console's.
    void meet_a_browser() {
        const auto instance = services_->instances.find_by_host("localhost").value();
        const auto console = services_->apps.find(instance->scope, services_->instances.get(instance->scope).value().console).value();
        const auto asked = ask("GET",
                               "/oauth/v2/authorize?response_type=code&scope=openid&code_challenge_method=S256&code_challenge="
                               "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&client_id=" +
                                   console->client_id + "&redirect_uri=" + percent_encode(console->oidc()->redirect_uris.front()),
                               "none=", "");
        auth_ = between(asked.headers.get("location"), "authRequest=", "&");
        require(!auth_.empty(), "the authorization request was refused");
        const auto first = ask("GET", "/ui/v2/login/login", "none=", "");
        cookie_ = between(first.headers.get("set-cookie"), "", ";");
        csrf_ = between(body_of(first), "name=\"csrf\" value=\"", "\"");
        csrf_auth_ = between(body_of(ask("GET", "/ui/v2/login/login?authRequest=" + auth_, cookie_, "")), "name=\"csrf\" value=\"", "\"");
        require(!csrf_.empty() && !csrf_auth_.empty(), "the page has no form");
    }
    std::string fill(std::string text) const {
        if (text.find('{') == text.npos) return text;
        const bool for_application = text.find("{auth}") != text.npos;
        return replace_all(replace_all(text, "{csrf}", percent_encode(for_application ? csrf_auth_ : csrf_)), "{auth}", auth_);
    }

    const std::filesystem::path folder_;
    const SystemClock clock_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<app::Services> services_;
    std::unique_ptr<login::Pages> pages_;
    std::string cookie_, csrf_, csrf_auth_, auth_;
};

std::unique_ptr<World> current;

/// Made anew now and then: each attempt leaves its rows.
World& world() {
    static int left = 0;
    if (left-- == 0) {
        const bool first = !current;
        current.reset();
        current = std::make_unique<World>();
        left = 20'000;
        // Registered behind OpenSSL's end, so that it comes before it.
        if (first) std::atexit([] { current.reset(); });
    }
    return *current;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto head = split_once(text, '\n');
    const auto rest = head ? split_once(head->second, '\n') : std::nullopt;
    const auto call = head ? split_once(head->first, ' ') : std::nullopt;
    if (!rest || !call || !call->second.starts_with('/') || size > 16'000) return 0;
    const auto response = world().ask(call->first, call->second, rest->first, std::string(rest->second));
    if (response.status >= 500) require(false, body_of(response));
    // No template has such a tag; whoever sends one gets it back as text. JSON says it as it is: no browser takes that for a page.
    if (response.headers.get("content-type").starts_with("text/html"))
        require(body_of(response).find("<x") == std::string::npos, "something foreign is not escaped");
    return 0;
}
