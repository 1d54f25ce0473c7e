// RFC 8628 section 3.1: a device asks for the codes with which a person lets it in; and the short address that it shows, which leads to the
// page for them.
#include "base/json.h"
#include "oidc/client_auth.h"
#include "oidc/device_requests.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

constexpr std::string_view kUserCode = "user_code";
constexpr std::size_t kMaxScopeBytes = 4 << 10;  // it is kept until somebody decides

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto parameters = TRY(single_parameters(request));
    const auto credentials = TRY(read_credentials(context.services.rules, request, parameters));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::device_code))
        return oauth_fail(kUnauthorizedClient, "device_code is missing in the client configuration");
    const auto asked = parameters.get("scope");
    if (asked.size() > kMaxScopeBytes) return oauth_fail(kInvalidScope, "the scope is too long");
    auto scopes = parse_scopes(asked);
    if (!client.allows(GrantType::refresh_token)) std::erase(scopes, scope::kOfflineAccess);

    const auto begun = TRY(DeviceRequests(context.services).begin(context.issuer, client, std::move(scopes)));
    const auto page = context.issuer.url(Endpoint::device_page);
    JsonObject out;
    out.set("device_code", begun.device_code);
    out.set(kUserCode, begun.user_code);
    out.set("verification_uri", page);
    out.set("verification_uri_complete", add_query(page, QueryParameters{{std::string(kUserCode), begun.user_code}}));
    out.set("expires_in", std::int64_t{kDeviceTime.count()});
    out.set("interval", std::int64_t{kPollInterval.count()});
    return out;
}

}  // namespace

http::Response serve_device_authorization(const EndpointContext& context, const http::Request& request) {
    if (request.method != "POST") return method_not_allowed("POST");
    const auto answer = run(context, request);
    return answer ? json_response(200, answer->text()) : error_response(answer.error());
}

http::Response serve_device_page(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET") return method_not_allowed("GET");
    const auto parameters = Parameters::of(request);
    const auto code = parameters ? parameters->get(kUserCode) : std::string_view();
    const std::string page(context.issuer.pages.device);
    return redirect_response(code.empty() ? page : add_query(page, QueryParameters{{std::string(kUserCode), std::string(code)}}));
}

}  // namespace godwit::oidc
