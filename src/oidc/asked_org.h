// The organization an authorization request asks for by its scope (urn:zitadel:iam:org:id:… or …:org:domain:primary:…).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "directory/org/orgs.h"

namespace godwit::oidc {

/// Whoever signs in must be one of its users; of an organization that does not exist nobody is.
struct AskedOrg {
    bool named = false;
    std::optional<org::Org> org;

    bool admits(OrgId of) const { return !named || (org && org->key == of); }
};

/// By the first scope that names one.
Result<AskedOrg> find_asked_org(const org::Orgs& orgs, InstanceScope scope, std::span<const std::string> scopes);

}  // namespace godwit::oidc
