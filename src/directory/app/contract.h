// An application's configuration in the contract's messages: how it is stored, and what the API shows.
#pragma once

#include "directory/app/types.h"

namespace zitadel::app::v1 {
class APIConfig;
class LoginVersion;
class OIDCConfig;
}  // namespace zitadel::app::v1

namespace godwit::application {

/// Everything but client id, version, compliance and allowed origins, which are not configuration.
void to_contract(const OidcConfig& config, zitadel::app::v1::OIDCConfig& message);
OidcConfig from_contract(const zitadel::app::v1::OIDCConfig& message);

void set_login_version(OidcConfig& config, const zitadel::app::v1::LoginVersion& message);

}  // namespace godwit::application
