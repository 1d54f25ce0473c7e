// Contract messages of zitadel.oidc.v2 and the types of oidc/.
#pragma once

#include <string_view>

#include "zitadel/oidc/v2/authorization.pb.h"

namespace godwit::oidc {
struct AuthRequest;
}

namespace godwit::api {

void encode(const oidc::AuthRequest& request, zitadel::oidc::v2::AuthRequest& out);

/// The OAuth name of a reason; "" for ERROR_REASON_UNSPECIFIED.
std::string_view oauth_name(zitadel::oidc::v2::ErrorReason reason);

}  // namespace godwit::api
