// Applications in the contract's messages, alike in the single RPCs and in the bulk import.
#pragma once

#include "directory/app/types.h"

namespace godwit::api {

/// AddOIDCAppRequest and UpdateOIDCAppConfigRequest, which say the configuration in the same words. White space around URIs goes.
template <class Request>
application::OidcConfig decode_oidc_config(const Request& request);

}  // namespace godwit::api
