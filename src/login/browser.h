// What one browser brings along: the cookie of its sessions (agent) and the secret that its forms are bound to (CSRF).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "directory/session/sessions.h"
#include "oidc/services.h"
#include "signin/session_age.h"
#include "transport/http/message.h"

namespace godwit::login {

/// The cookies of one request, and those its answer will set. Over TLS their names begin with "__Host-" (RFC 6265bis section 4.1.3.2),
/// so that no sibling domain can plant one.
class Browser {
public:
    explicit Browser(const http::Request& request);

    /// The cookie of the browser's sessions; "" when it brought none.
    std::string_view agent_cookie() const { return agent_; }
    void set_agent_cookie(const Secret& value);

    /// The token for the forms of a page; makes the browser's secret when it has none yet.
    std::string csrf_token(const Secret& key, std::string_view form);
    /// Whether `token` was made for this browser and form. Constant time.
    bool check_csrf(const Secret& key, std::string_view form, std::string_view token) const;
    /// Binds other sealed things to this browser; "" before the first form.
    const std::string& secret() const { return secret_; }

    void write_cookies(http::Response& response) const;

private:
    std::string name(std::string_view cookie) const;
    void set_cookie(std::string_view cookie, std::string_view value, long max_age_seconds);

    bool secure_;
    std::string agent_, secret_;
    std::vector<std::string> set_;
};

/// The row behind the cookie of a browser; nullopt for one that is not known.
Result<std::optional<std::int64_t>> find_agent(session::Sessions& sessions, InstanceScope scope, const Browser& browser);

/// What oidc asks of the pages: the live sessions behind the cookie, those in which nothing has to be proved anew.
class CookieSessions final : public oidc::BrowserSessions {
public:
    CookieSessions(session::Sessions& sessions, const signin::SessionAge& age) : sessions_(sessions), age_(age) {}
    Result<std::vector<session::Session>> of(InstanceScope scope, const http::Request& request) override;

private:
    session::Sessions& sessions_;
    const signin::SessionAge& age_;
};

}  // namespace godwit::login
