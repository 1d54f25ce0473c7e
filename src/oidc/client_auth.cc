#include "oidc/client_auth.h"

#include "base/encoding.h"
#include "base/text.h"
#include "base/unicode.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

constexpr std::string_view kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// application/x-www-form-urlencoded, one value.
std::optional<std::string> form_decode(std::string_view text) { return percent_decode(replace_all(text, "+", "%20")); }

/// As in a form: nothing else can name a client, and no store would look it up.
bool is_text(std::string_view text) { return is_valid_utf8(text) && text.find('\0') == text.npos; }

}  // namespace

std::optional<ClientCredentials> parse_basic(std::string_view authorization) {
    constexpr std::string_view kScheme = "Basic ";
    if (!starts_with_ignoring_case(authorization, kScheme)) return std::nullopt;
    const auto decoded = base64_decode_lenient(trim(authorization.substr(kScheme.size())));
    if (!decoded) return std::nullopt;
    const auto halves = split_once(*decoded, ':');
    if (!halves) return std::nullopt;
    const auto id = form_decode(halves->first), secret = form_decode(halves->second);
    if (!id || !secret || id->empty() || !is_text(*id) || !is_text(*secret)) return std::nullopt;
    return ClientCredentials{.kind = ClientCredentials::Kind::secret, .basic = true, .client_id = *id, .secret = *secret, .assertion = {}};
}

Result<ClientCredentials> read_credentials(const Rules& rules, const http::Request& request, const Parameters& parameters) {
    const auto authorization = request.headers.get("authorization");
    const auto id = parameters.get("client_id");
    const bool has_basic = starts_with_ignoring_case(authorization, "Basic ");
    const bool has_post = parameters.has("client_secret");
    const bool has_assertion = parameters.has("client_assertion");
    if (has_basic + has_post + has_assertion > 1)
        return oauth_fail(kInvalidRequest, "more than one way of client authentication in one request");
    if ((has_post && !rules.secrets_by_post) || (has_assertion && !rules.client_assertions))
        return oauth_fail(kInvalidClient,
                          "this server does not take " + std::string(has_post ? "client_secret_post: send the secret by client_secret_basic"
                                                                              : "private_key_jwt: register another way of authentication"));
    if (has_basic) {
        auto basic = parse_basic(authorization);
        if (!basic) return oauth_fail(kInvalidClient, "invalid basic authentication header");
        if (!id.empty() && id != basic->client_id) return oauth_fail(kInvalidRequest, "client_id differs from the authentication");
        return *std::move(basic);
    }
    ClientCredentials out{
        .kind = ClientCredentials::Kind::none, .basic = false, .client_id = std::string(id), .secret = {}, .assertion = {}};
    if (has_assertion) {
        if (parameters.get("client_assertion_type") != kAssertionType)
            return oauth_fail(kInvalidRequest, "client_assertion_type is not supported");
        out.kind = ClientCredentials::Kind::assertion;
        out.assertion = parameters.get("client_assertion");
    } else if (id.empty()) {
        return oauth_fail(kInvalidRequest, "client_id or client_assertion must be provided");
    } else if (has_post) {
        out.kind = ClientCredentials::Kind::secret;
        out.secret = parameters.get("client_secret");
    }
    return out;
}

Result<Client> authenticate_client(const ClientAuthContext& context) {
    switch (context.credentials.kind) {
        case ClientCredentials::Kind::none:
            return authenticate_public(context);
        case ClientCredentials::Kind::secret:
            return authenticate_by_secret(context);
        case ClientCredentials::Kind::assertion:
            return authenticate_by_assertion(context);
    }
    return oauth_fail(kInvalidClient, "no active client not found");
}

}  // namespace godwit::oidc
