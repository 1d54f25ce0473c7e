// The one place where claims about a person come together, for id_token, userinfo, introspection and JWT access tokens alike. Each
// source is a function in a file of its own (claims_*.cc) and one line in the list in claims.cc.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "directory/user/types.h"

namespace godwit::oidc {

struct Services;

struct ClaimsInput {
    const Services& services;
    InstanceScope scope;
    const user::User& user;
    std::span<const std::string> scopes;
};

enum class ClaimKind {
    standard,  ///< OpenID Connect Core section 5.1: in userinfo, and in id_tokens of applications that ask for it
    reserved,  ///< urn:zitadel:iam…: in every token as well
};

struct ClaimSource {
    ClaimKind kind;
    Result<void> (*add)(const ClaimsInput& input, JsonObject& out);
};

// claims_profile.cc, claims_email.cc, claims_phone.cc, claims_resource_owner.cc, claims_metadata.cc
Result<void> add_profile_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_email_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_phone_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_resource_owner_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_metadata_claims(const ClaimsInput& input, JsonObject& out);

enum class ClaimSet { reserved_only, all };

Result<JsonObject> collect_claims(const ClaimsInput& input, ClaimSet set);

}  // namespace godwit::oidc
