// The sign-in pages over a provider with one organization, asked as a browser asks.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "credentials/password/hasher.h"
#include "credentials/password/verifier.h"
#include "directory/text/texts.h"
#include "directory/user/links.h"
#include "directory/user/passwords.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/pages.h"
#include "oidc/provider_test_fixture.h"
#include "signin/password_check.h"
#include "signin/session_age.h"
#include "signin/totp_check.h"

namespace godwit::login {

class LoginTest : public oidc::ProviderTest {
protected:
    http::Response send(std::string method, std::string path = "/login", std::string body = {}, std::string_view cookie = {}) {
        http::Request request;
        request.method = std::move(method);
        const auto question = path.find('?');
        if (question != path.npos) request.query = path.substr(question + 1);
        request.path = "/ui/v2/login" + path.substr(0, question);
        request.host = "localhost";
        request.body = std::move(body);
        if (!cookie.empty()) request.headers.set("cookie", std::string(cookie));
        return pages_.route(request)->handle(request);
    }
    using Form = std::map<std::string, std::string>;
    /// The hidden fields of a page, and the cookie it came with in "cookie".
    static Form form_of(const http::Response& page) {
        Form form;
        const std::string& html = oidc::body_of(page);
        constexpr std::string_view kName = "<input type=\"hidden\" name=\"", kValue = "\" value=\"";
        for (auto at = html.find(kName); at != std::string::npos; at = html.find(kName, at + 1)) {
            const auto name = at + kName.size(), name_end = html.find('"', name), value = name_end + kValue.size();
            form[html.substr(name, name_end - name)] = html.substr(value, html.find('"', value) - value);
        }
        const std::string_view cookie = page.headers.get("set-cookie");
        if (!cookie.empty()) form["cookie"] = cookie.substr(0, cookie.find(';'));
        return form;
    }
    /// The answer to a page whose fields were filled in. The cookie stays that of `before`, unless the page brought another.
    http::Response submit(const std::string& path, const Form& before, const Form& typed) {
        std::string body;
        for (const Form* fields : {&before, &typed})
            for (const auto& [name, value] : *fields)
                if (name != "cookie") body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
        return send("POST", path, body, before.at("cookie"));
    }
    /// The first screen, and the name given to it.
    http::Response give(std::string_view name) { return submit("/login", form_of(send("GET")), {{"loginName", std::string(name)}}); }

    static password::HasherConfig cheap() {
        password::HasherConfig config;
        config.argon2_memory_kib = 256;
        config.argon2_passes = 1;
        return config;
    }

    text::Texts texts_{store()};
    user::Passwords passwords_{store()};
    user::Links links_{store()};
    password::HashMemory memory_;
    password::Verifier verifier_ = *password::Verifier::make({}, memory_);
    password::Hasher hasher_ = *password::Hasher::make(cheap(), memory_, verifier_);
    signin::PasswordCheck check_{
        {.store = store(), .settings = settings, .sealers = sealers, .users = users, .verifier = verifier_, .hasher = hasher_}};
    signin::TotpCheck totp_check_{{.store = store(), .settings = settings, .sealers = sealers, .users = users, .clock = clock()}};
    signin::SessionAge session_age_{settings, links_, clock()};
    Pages pages_{{.store = store(),
                  .clock = clock(),
                  .instances = instances,
                  .settings = settings,
                  .texts = texts_,
                  .orgs = orgs,
                  .apps = apps,
                  .users = users,
                  .passwords = passwords_,
                  .links = links_,
                  .sessions = sessions,
                  .password_check = check_,
                  .totp_check = totp_check_,
                  .session_age = session_age_,
                  .sealers = sealers,
                  .auth_requests = provider.auth_requests(),
                  .clients = provider.clients(),
                  .front_channel = provider.front_channel()}};
};

}  // namespace godwit::login
