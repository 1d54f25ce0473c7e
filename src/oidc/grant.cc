#include "oidc/grant.h"

#include <array>

namespace godwit::oidc {
namespace {

constexpr std::array kGrants = {
    Grant{"authorization_code", authorization_code_grant},
    Grant{"refresh_token", refresh_token_grant},
    Grant{"client_credentials", client_credentials_grant},
    Grant{"urn:ietf:params:oauth:grant-type:jwt-bearer", jwt_bearer_grant},
    Grant{"urn:ietf:params:oauth:grant-type:device_code", device_code_grant},
    Grant{"urn:ietf:params:oauth:grant-type:token-exchange", token_exchange_grant},
};

}  // namespace

std::span<const Grant> grants() { return kGrants; }

}  // namespace godwit::oidc
