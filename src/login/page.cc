#include "login/page.h"

#include <kainjow/mustache.hpp>
#include <set>

#include "base/encoding.h"
#include "base/html.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "login/embedded.h"
#include "transport/http/authority.h"

namespace godwit::login {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

std::string render(std::string_view template_name, const data& values) {
    mustache document(std::string(embedded("templates/" + std::string(template_name) + ".mustache")));
    document.set_custom_escape([](const std::string& text) { return html_escape(text); });
    return document.render(values);
}

/// "login_text.title" is read as {{t.login_text.title}}.
data words_of(const Language& language) {
    std::map<std::string, data> groups;
    data words(data::type::object);
    for (const auto& [key, text] : language.words()) {
        const auto parts = split_once(key, '.');
        if (!parts) {
            words.set(key, text);
            continue;
        }
        data& group = groups.try_emplace(std::string(parts->first), data::type::object).first->second;
        group.set(std::string(parts->second), text);
    }
    for (auto& [name, group] : groups) words.set(name, std::move(group));
    return words;
}

data values_of(const View& view, const Language& language) {
    data values(data::type::object);
    values.set("t", words_of(language));
    for (const auto& [name, value] : view.values)
        if (!value.empty()) values.set(name, value);  // an absent value switches its section off
    for (const auto& [name, rows] : view.lists) {
        data list(data::type::list);
        for (const auto& row : rows) {
            data item(data::type::object);
            for (const auto& [key, value] : row) item.set(key, value);
            list.push_back(item);
        }
        values.set(name, list);
    }
    std::string hidden;
    for (const auto& [name, value] : view.hidden)
        hidden += "<input type=\"hidden\" name=\"" + html_escape(name) + "\" value=\"" + html_escape(value) + "\">\n";
    values.set("hidden", hidden);
    return values;
}

/// Changes whenever the style does, so that browsers may keep a file for a year.
const std::string& style_version() {
    static const std::string version =
        hex_encode(crypto::sha256(std::string(embedded("assets/style.css")) + std::string(embedded("assets/dark.css")))).substr(0, 12);
    return version;
}

/// For `meta name="color-scheme"` (CSS Color Adjustment 1, section 2).
std::string_view words_of(Scheme scheme) { return scheme == Scheme::light ? "light" : scheme == Scheme::dark ? "dark" : "light dark"; }

/// Nothing may be framed but these; "" when there are none, for default-src forbids the rest.
std::string frame_sources(const std::vector<std::string>& addresses) {
    std::set<std::string> sources;
    for (const auto& address : addresses)
        if (auto source = csp_source(address); !source.empty()) sources.insert(std::move(source));
    std::string out;
    for (const auto& source : sources) out += (out.empty() ? "; frame-src " : " ") + source;
    return out;
}

}  // namespace

http::Response page(int status, std::string_view template_name, std::string_view title, const Frame& frame, const View& view) {
    data layout(data::type::object);
    layout.set("lang", frame.look.language.code());
    layout.set("title", std::string(title));
    layout.set("brand", frame.look.brand);
    layout.set("assets", frame.assets);
    layout.set("style_version", style_version());
    layout.set("scheme", std::string(words_of(frame.look.scheme)));
    if (frame.look.scheme != Scheme::light) layout.set("dark", frame.look.scheme == Scheme::dark ? "all" : "(prefers-color-scheme: dark)");
    const std::string& assets = frame.assets;
    if (!frame.look.theme.empty()) layout.set("theme", assets.substr(0, assets.rfind('/') + 1) + frame.look.theme);
    data links(data::type::list);
    for (const auto& [label, href] : frame.look.links) {
        data link(data::type::object);
        link.set("label", label);
        link.set("href", href);
        links.push_back(link);
    }
    layout.set("links", links);
    layout.set("content", render(template_name, values_of(view, frame.look.language)));

    http::Response response = http::text_response(status, render("layout", layout), "text/html; charset=utf-8");
    std::string form_action = "'self'";
    if (!frame.form_target.empty()) form_action += " " + frame.form_target;
    response.headers.set("content-security-policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action " + form_action +
                                                        frame_sources(frame.frames) + "; frame-ancestors 'none'; base-uri 'none'");
    response.headers.set("x-frame-options", "DENY");
    response.headers.set("x-content-type-options", "nosniff");
    response.headers.set("referrer-policy", "no-referrer");
    response.headers.set("permissions-policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()");
    // No Cross-Origin-Opener-Policy: applications that sign in by popup would find their window cut off, and take it for closed.
    response.headers.set("cache-control", "no-store");
    response.headers.set("content-language", frame.look.language.code());
    return response;
}

std::string csp_source(std::string_view redirect_uri) {
    const std::size_t colon = redirect_uri.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    for (const char c : redirect_uri.substr(0, colon))
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') return {};
    if (!redirect_uri.substr(colon).starts_with("://")) return std::string(redirect_uri.substr(0, colon + 1));
    const std::string_view scheme = redirect_uri.substr(0, colon);
    if (scheme != "http" && scheme != "https") return std::string(redirect_uri.substr(0, colon + 1));
    const std::string_view rest = redirect_uri.substr(colon + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    for (const char c : authority)  // nothing that could end the directive
        if (!std::isalnum(static_cast<unsigned char>(c)) && std::string_view(".-:[]").find(c) == std::string_view::npos) return {};
    return std::string(redirect_uri.substr(0, colon + 3)) + std::string(authority);
}

std::optional<http::Response> asset(std::string_view name) {
    if (name.find("..") != std::string_view::npos) return std::nullopt;
    const std::string_view bytes = embedded("assets/" + std::string(name));
    if (bytes.empty()) return std::nullopt;
    const std::string_view type = name.ends_with(".css")   ? "text/css; charset=utf-8"
                                  : name.ends_with(".svg") ? "image/svg+xml"
                                                           : "application/octet-stream";
    http::Response response = http::text_response(200, std::string(bytes), type);
    response.headers.set("cache-control", "public, max-age=31536000, immutable");
    response.headers.set("x-content-type-options", "nosniff");
    response.headers.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    return response;
}

void ask_to_stay_secure(const http::Request& request, http::Response& response) {
    const bool is_local = request.host == "localhost" || request.host.ends_with(".localhost");
    const bool is_address = request.host.starts_with('[') || http::parse_ip(request.host).has_value();
    if (request.secure && !is_local && !is_address) response.headers.set("strict-transport-security", "max-age=31536000");
}

http::Response redirect(std::string_view location) {
    http::Response response;
    response.status = 303;
    response.headers.set("location", location);
    response.headers.set("cache-control", "no-store");
    response.headers.set("referrer-policy", "no-referrer");
    return response;
}

}  // namespace godwit::login
