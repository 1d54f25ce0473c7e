// Identity providers in the contract's messages, alike in ManagementService and AdminService.
//
// Requests of all kinds are read by one function: what a kind is configured with is its message in ProviderConfig, and the requests'
// fields have the same names.
#pragma once

#include "directory/idp/idps.h"

namespace google::protobuf {
class Message;
}
namespace zitadel::idp::v1 {
class IDPLoginPolicyLink;
class IDPUserLink;
class Provider;
}  // namespace zitadel::idp::v1
namespace godwit::user {
struct IdpLink;
}

namespace godwit::api {

/// Add…ProviderRequest or Update…ProviderRequest of either service. Error: invalid_argument IDP-Meta1, SAML without its metadata.
Result<idp::NewIdp> decode_provider(idp::Type type, const google::protobuf::Message& request);
/// Add(Org)OIDCIDPRequest or Add(Org)JWTIDPRequest, of the older API: what they may do was not said apart.
Result<idp::NewIdp> decode_older_provider(idp::Type type, const google::protobuf::Message& request);

/// The secret is never shown. Social providers without a name are called as everybody calls them.
void encode_provider(const idp::Idp& idp, zitadel::idp::v1::Provider& message);
void encode(const idp::Idp& idp, zitadel::idp::v1::IDPLoginPolicyLink& message);
void encode(const user::IdpLink& link, zitadel::idp::v1::IDPUserLink& message);

}  // namespace godwit::api
