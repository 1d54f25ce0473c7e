// From a template and its values to an answer with every header a sign-in page needs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "login/appearance.h"
#include "transport/http/message.h"

namespace godwit::login {

/// The values of a template. Everything is escaped on its way out but `hidden`.
struct View {
    std::map<std::string, std::string> values;
    std::map<std::string, std::vector<std::map<std::string, std::string>>> lists;
    /// Hidden form fields, by name: the request and the CSRF token.
    std::map<std::string, std::string> hidden;
};

/// What every page of one answer shares.
struct Frame {
    const Appearance& look;
    std::string assets = "/ui/v2/login/assets";  ///< path the files are served under
    /// Besides 'self', where the page's form may lead: browsers apply CSP's form-action to the redirects that follow a post,
    /// and the last of them goes to the application.
    std::string form_target = {};
    std::vector<std::string> frames = {};  ///< addresses that the page shows in frames
};

/// Renders `template_name` (a file of web/login/templates without its ending) within the layout.
/// Headers: CSP without inline code, no framing, no referrer, no storing.
http::Response page(int status, std::string_view template_name, std::string_view title, const Frame& frame, const View& view);

/// The source expression of CSP for the place a redirect URI leads to: "https://app.example", "myapp:"; "" when there is none.
std::string csp_source(std::string_view redirect_uri);

/// A file of web/login/assets ("style.css"), cacheable for good because its address carries a version; nullopt when there is none.
std::optional<http::Response> asset(std::string_view name);

/// 303 See Other: after a post, the browser fetches `location` with GET.
http::Response redirect(std::string_view location);

/// RFC 6797: a browser that came over TLS is to come over TLS for a year. Not at localhost, a name that all servers of a machine share;
/// addresses are beyond that RFC.
void ask_to_stay_secure(const http::Request& request, http::Response& response);

}  // namespace godwit::login
