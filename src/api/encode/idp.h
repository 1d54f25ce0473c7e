// Identity providers in the contract's messages, alike in ManagementService and AdminService.
#pragma once

#include "directory/idp/idps.h"

namespace zitadel::idp::v1 {
class Options;
class Provider;
}  // namespace zitadel::idp::v1

namespace godwit::api {

idp::Options decode_options(const zitadel::idp::v1::Options& message);
/// The secret is never shown.
void encode_provider(const idp::Idp& idp, zitadel::idp::v1::Provider& message);

/// AddGenericOIDCProviderRequest of either service.
template <class Request>
idp::NewIdp decode_generic_oidc(const Request& request);

}  // namespace godwit::api
