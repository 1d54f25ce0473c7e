// RFC 7009. Revoking either token of a family ends the whole of it.
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/access_tokens.h"
#include "oidc/client_auth.h"
#include "oidc/endpoint.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

auto not_yours() { return oauth_fail(kInvalidClient, "token was not issued for this client", Code::unauthenticated); }

/// False when it is not a refresh token of ours.
Result<bool> revoke_refresh_token(const EndpointContext& context, const Client& client, std::string_view text) {
    const auto token = RefreshToken::parse(text);
    if (!token) return false;
    const auto scope = context.issuer.scope;
    const auto sealer = TRY(context.services.sealers.of(scope));
    if (!is_genuine(*sealer, scope, *token)) return false;
    return context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<bool> {
        const auto family = TRY(find_family(db, scope, token->family));
        if (!family) return false;
        if (family->app != client.app) return not_yours();
        TRY(revoke_family(db, scope, family->id, "revoked by the client"));
        return true;
    });
}

/// A machine user is its own client: with its secret it gives its own tokens back. nullopt when the credentials are no machine's.
Result<std::optional<user::User>> find_machine(const EndpointContext& context, const ClientCredentials& credentials) {
    if (credentials.kind != ClientCredentials::Kind::secret) return std::nullopt;
    auto machine = authenticate_machine(context.services, context.issuer.scope, credentials);
    if (machine) return *std::move(machine);
    if (to_oauth(machine.error()).error == kInvalidClient) return std::nullopt;
    return std::unexpected(machine.error());
}

Result<void> revoke_of_machine(const EndpointContext& context, const user::User& machine, std::string_view token) {
    const auto payload = TRY(context.access_tokens.read(context.issuer.scope, token));
    if (!payload) return {};
    // What an application got for the machine is the application's.
    if (payload->user != machine.id || payload->id.family != 0) return not_yours();
    return context.access_tokens.revoke(context.issuer.scope, *payload);
}

Result<void> run(const EndpointContext& context, const http::Request& request) {
    const auto parameters = TRY(single_parameters(request));
    const auto credentials = TRY(read_credentials(context.services.rules, request, parameters));
    const auto proved = authenticate_client({context.services, context.clients, context.issuer, credentials});
    const auto machine = proved ? std::nullopt : TRY(find_machine(context, credentials));
    if (!proved && !machine) return std::unexpected(proved.error());
    const auto token = parameters.get("token");
    if (token.empty()) return oauth_fail(kInvalidRequest, "token missing");
    if (machine) return revoke_of_machine(context, *machine, token);
    const auto& client = *proved;
    if (TRY(revoke_refresh_token(context, client, token))) return {};
    // RFC 7009 section 2.2: an invalid token is no error, the client's purpose is reached.
    const auto payload = TRY(context.access_tokens.read(context.issuer.scope, token));
    if (!payload) return {};
    if (payload->client_id != client.client_id) return not_yours();
    return context.access_tokens.revoke(context.issuer.scope, *payload);
}

}  // namespace

http::Response serve_revocation(const EndpointContext& context, const http::Request& request) {
    if (request.method != "POST") return method_not_allowed("POST");
    const auto done = run(context, request);
    return done ? json_response(200, "") : error_response(done.error());
}

}  // namespace godwit::oidc
