// What an empty database becomes: an instance that somebody can sign in to.
#pragma once

#include <string>

#include "app/config/config.h"
#include "base/result.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::app {

struct Services;

settings::v1::OidcSettings oidc_settings(const config::OidcSettings& wanted);

/// On a database without instance: makes the instance (domains, policies, signing key, default organization and project with the console
/// application), an administrator, and what the configuration's FirstInstance asks for (machine user, login client, their tokens
/// and keys in files of mode 0600). A first start that was interrupted goes on where it stopped; on any other database nothing changes.
///
/// Answers what the operator must be told (how to sign in, the random password, which is shown this once); "" when there is nothing.
Result<std::string> first_start(Services& services, const config::Config& config);

}  // namespace godwit::app
