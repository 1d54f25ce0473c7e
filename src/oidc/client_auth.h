// Who calls an endpoint: client authentication (RFC 6749 section 2.3, OpenID Connect Core section 9). One file for each method.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/client.h"
#include "oidc/issuer.h"
#include "oidc/parameters.h"
#include "transport/http/message.h"

namespace godwit::oidc {

class Clients;
struct Rules;
struct Services;

/// What a request says of its client, before any of it is believed.
struct ClientCredentials {
    enum class Kind { none, secret, assertion } kind = Kind::none;
    bool basic = false;     ///< the secret came by HTTP Basic
    std::string client_id;  ///< "" for an assertion that comes without
    std::string secret;
    std::string assertion;
};

/// Takes them from the Authorization header or the form. invalid_request when there are none at all, or more than one kind
/// (RFC 6749 section 2.3: "The client MUST NOT use more than one authentication method in each request"); invalid_client when the rules do
/// not take the kind.
Result<ClientCredentials> read_credentials(const Rules& rules, const http::Request& request, const Parameters& parameters);

/// Authorization: Basic with both halves form-urlencoded (RFC 6749 section 2.3.1). nullopt when it is not of that form.
std::optional<ClientCredentials> parse_basic(std::string_view authorization);

/// One method: the client it proves, or an OAuth error.
struct ClientAuthContext {
    const Services& services;
    const Clients& clients;
    const Issuer& issuer;
    const ClientCredentials& credentials;
};
Result<Client> authenticate_public(const ClientAuthContext& context);        // client_auth_none.cc
Result<Client> authenticate_by_secret(const ClientAuthContext& context);     // client_auth_secret.cc
Result<Client> authenticate_by_assertion(const ClientAuthContext& context);  // client_auth_private_key_jwt.cc

/// The client of a request, proved as its registration wants it. Unknown client: 400 invalid_client "no active client not found",
/// as recorded; wrong proof: 400 invalid_client.
Result<Client> authenticate_client(const ClientAuthContext& context);

}  // namespace godwit::oidc
