#include "oidc/form_post.h"

#include "base/encoding.h"
#include "base/html.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/oauth_error.h"
#include "oidc/responses.h"

namespace godwit::oidc {
namespace {

const crypto::Place kPlace("form_post", "", "answer");
constexpr std::chrono::seconds kGoodFor{60};
constexpr std::string_view kScript = "document.forms[0].submit()";

std::string page_text(std::string_view redirect_uri, const QueryParameters& answer) {
    std::string out =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Signing in</title></head><body>"
        "<form method=\"post\" action=\"" +
        html_escape(redirect_uri) + "\">";
    for (const auto& [name, value] : answer)
        out += "<input type=\"hidden\" name=\"" + html_escape(name) + "\" value=\"" + html_escape(value) + "\">";
    out += "<noscript><button type=\"submit\">Continue</button></noscript></form><script>";
    out += kScript;
    out += "</script></body></html>";
    return out;
}

/// Where the form may lead, as Content-Security-Policy writes it.
std::string form_target(std::string_view redirect_uri) {
    const auto parts = parse_url(redirect_uri);
    if (!parts) return std::string(redirect_uri.substr(0, redirect_uri.find(':') + 1));
    return parts->origin();
}

}  // namespace

Result<std::string> FormPost::url(std::string_view page, InstanceScope scope, std::string_view redirect_uri,
                                  const QueryParameters& answer) const {
    QueryParameters inner = {{"to", std::string(redirect_uri)}, {"until", std::to_string((clock_.now() + kGoodFor).seconds())}};
    inner.insert(inner.end(), answer.begin(), answer.end());
    const auto sealer = TRY(sealers_.of(scope));
    const auto sealed = base64_encode(sealer->seal(kPlace, build_query(inner)), Base64::url);
    return std::string(page) + "?answer=" + sealed;
}

http::Response FormPost::page(InstanceScope scope, std::string_view sealed) const {
    const auto refuse = [] { return error_response({Code::invalid_argument, std::string(kInvalidRequest), "the response has expired"}); };
    const auto bytes = base64_decode(sealed, Base64::url);
    const auto sealer = sealers_.of(scope);
    if (!sealer) return error_response(sealer.error());
    if (!bytes) return refuse();
    const auto opened = (*sealer)->open(kPlace, *bytes);
    if (!opened) return refuse();
    auto inner = parse_query(opened->reveal());
    if (!inner || inner->size() < 2) return refuse();
    const auto redirect_uri = (*inner)[0].second;
    const auto until = parse_number<std::int64_t>((*inner)[1].second);
    if (!until || *until < clock_.now().seconds()) return refuse();
    inner->erase(inner->begin(), inner->begin() + 2);

    auto response = http::text_response(200, page_text(redirect_uri, *inner), "text/html; charset=utf-8");
    response.headers.set("cache-control", "no-store");
    response.headers.set("pragma", "no-cache");
    response.headers.set("referrer-policy", "no-referrer");
    response.headers.set("x-frame-options", "DENY");
    response.headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; script-src 'sha256-" +
                                                        base64_encode(crypto::sha256(kScript)) + "'; form-action " +
                                                        form_target(redirect_uri));
    return response;
}

}  // namespace godwit::oidc
