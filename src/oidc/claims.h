// The one place where claims about a person come together, for id_token, userinfo, introspection and JWT access tokens alike. Each
// source is a function in a file of its own (claims_*.cc) and one line in the list in claims.cc.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "directory/user/types.h"
#include "oidc/claims_request.h"

namespace godwit::org {
struct Org;
}

namespace godwit::oidc {

struct Services;

/// Whose roles may be told: what the client that gets the answer, and its project, say of them.
struct RoleAssertion {
    ProjectId project;          ///< the client's own; 0: a machine user that is its own client
    bool asserted = false;      ///< the project asserts the roles of its users without being asked
    bool only_project = false;  ///< nothing of other projects: an API that looks at a token shown to it
    bool wanted = true;         ///< false: the application's configuration leaves roles out of this kind of token
};

struct ClaimsInput {
    const Services& services;
    InstanceScope scope;
    const user::User& user;
    std::span<const std::string> scopes;
    RoleAssertion roles = {};
    /// Claims asked for by name (OpenID Connect Core section 5.5), whatever the scopes.
    std::span<const ClaimRequest> requested = {};
};

enum class ClaimKind {
    standard,  ///< OpenID Connect Core section 5.1: in userinfo, and in id_tokens of applications that ask for it
    reserved,  ///< urn:zitadel:iam…: in every token as well
};

struct ClaimSource {
    ClaimKind kind;
    Result<void> (*add)(const ClaimsInput& input, JsonObject& out);
};

// claims_profile.cc, claims_email.cc, claims_phone.cc, claims_resource_owner.cc, claims_organization.cc, claims_metadata.cc,
// claims_roles.cc
Result<void> add_profile_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_email_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_phone_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_resource_owner_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_organization_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_metadata_claims(const ClaimsInput& input, JsonObject& out);
Result<void> add_role_claims(const ClaimsInput& input, JsonObject& out);

/// The organization of a user, once, whichever scope asks first.
void set_resource_owner(const org::Org& org, JsonObject& out);

enum class ClaimSet { reserved_only, all };

/// What the set gives for the scopes, and what was asked for by name. A claim that was asked for with another value than it has is left
/// out.
Result<JsonObject> collect_claims(const ClaimsInput& input, ClaimSet set);

}  // namespace godwit::oidc
