// What reaches the endpoints before anyone is known: parameters, Basic headers, claims, tokens, and the whole list of checks.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oidc/authorize_checks.h"
#include "oidc/client_auth.h"
#include "oidc/device_requests.h"
#include "oidc/json_reader.h"
#include "oidc/token_families.h"
#include "oidc/token_payload.h"

namespace {

using namespace godwit;
using namespace godwit::oidc;

Result<std::optional<Client>> find_client(std::string_view id) {
    Client client;
    client.client_id = id;
    client.type = AppType::native;
    if (id == "signer") client.auth_method = ClientAuthMethod::private_key_jwt;
    client.response_types = {ResponseType::code};
    client.grants = {GrantType::authorization_code};
    client.redirect_uris = {"https://app.example/cb", "http://127.0.0.1/cb", "com.example:/cb"};
    return client;
}

void check_request(std::string_view text) {
    const auto parameters = Parameters::parse(text);
    if (!parameters) return;
    AuthorizeContext context{.parameters = *parameters,
                             .find_client = find_client,
                             .subject_of_hint = [](std::string_view) -> Result<std::string> { return "someone"; },
                             .open_object = [](const Client&, const Parameters& sent) -> Result<Parameters> {
                                 return Parameters(TRY(read_parameters(sent.get("request"))));
                             },
                             .check_idp = [](std::span<const std::string>) -> Result<void> { return {}; },
                             .client = {},
                             .request = {}};
    if (run_authorize_checks(context)) return;
    // What passed can be stored and read again unchanged.
    const auto stored = context.request.encode();
    const auto back = AuthorizeRequest::decode(stored);
    if (!back || back->encode() != stored) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_request(text);
    // A user code is its own normal form.
    if (const auto code = normal_user_code(text); normal_user_code(code) != code) std::abort();
    (void)parse_basic(text);
    (void)read_claims(text);
    (void)read_parameters(text);
    if (const auto id = TokenId::parse(text); id && TokenId::parse(id->jti()) != id) std::abort();
    if (const auto token = RefreshToken::parse(text); token && token->text() != text) std::abort();
    if (const auto payload = TokenPayload::unpack(text); payload && TokenPayload::unpack(payload->pack()) != *payload) std::abort();
    return 0;
}
