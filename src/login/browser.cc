#include "login/browser.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace godwit::login {
namespace {

constexpr std::string_view kAgent = "godwit-agent";
constexpr std::string_view kForm = "godwit-form";
constexpr long kAgentLife = 400L * 86'400;  // the longest that browsers keep a cookie; sessions end by their own rules
constexpr std::size_t kMaxCookieValue = 200;

std::string_view find_cookie(const http::Request& request, std::string_view name) {
    for (const auto& [field, value] : request.headers) {
        if (field != "cookie") continue;
        for (const std::string_view part : split(value, ';')) {
            const auto pair = split_once(part, '=');
            if (pair && trim(pair->first) == name && pair->second.size() <= kMaxCookieValue) return trim(pair->second);
        }
    }
    return {};
}

std::string token_of(const Secret& key, std::string_view secret, std::string_view form) {
    return base64_encode(crypto::hmac_sha256(key.reveal(), "form\n" + std::string(secret) + "\n" + std::string(form)), Base64::url);
}

}  // namespace

Browser::Browser(const http::Request& request) : secure_(request.secure) {
    agent_ = find_cookie(request, name(kAgent));
    secret_ = find_cookie(request, name(kForm));
    if (secret_.size() < 32) secret_.clear();
}

std::string Browser::name(std::string_view cookie) const { return (secure_ ? "__Host-" : "") + std::string(cookie); }

void Browser::set_cookie(std::string_view cookie, std::string_view value, long max_age_seconds) {
    // Lax, not Strict: the application sends the browser here by a cross-site link, and its sessions must then be known.
    std::string line = name(cookie) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax";
    if (max_age_seconds > 0) line += "; Max-Age=" + std::to_string(max_age_seconds);
    if (secure_) line += "; Secure";
    set_.push_back(std::move(line));
}

void Browser::set_agent_cookie(const Secret& value) {
    agent_ = value.reveal();
    set_cookie(kAgent, agent_, kAgentLife);
}

std::string Browser::csrf_token(const Secret& key, std::string_view form) {
    if (secret_.empty()) {
        secret_ = crypto::random_token(24);
        set_cookie(kForm, secret_, 0);
    }
    return token_of(key, secret_, form);
}

bool Browser::check_csrf(const Secret& key, std::string_view form, std::string_view token) const {
    return !secret_.empty() && crypto::constant_time_equals(token_of(key, secret_, form), token);
}

void Browser::write_cookies(http::Response& response) const {
    for (const std::string& line : set_) response.headers.add("set-cookie", line);
}

Result<std::optional<std::int64_t>> find_agent(session::Sessions& sessions, InstanceScope scope, const Browser& browser) {
    if (browser.agent_cookie().empty()) return std::nullopt;
    const auto agent = TRY(sessions.find_agent(scope, browser.agent_cookie()));
    return agent ? std::optional(agent->id) : std::nullopt;
}

Result<std::vector<session::Session>> CookieSessions::of(InstanceScope scope, const http::Request& request) {
    std::vector<session::Session> standing;
    const auto agent = TRY(find_agent(sessions_, scope, Browser(request)));
    if (!agent) return standing;
    for (session::Session& session : TRY(sessions_.of_agent(scope, *agent)))
        if (TRY(age_.due(scope, session)) == signin::Due::nothing) standing.push_back(std::move(session));
    return standing;
}

}  // namespace godwit::login
