// Which identity providers a login policy offers: `idps` of settings::v1::LoginPolicy, in the order of the page.
#pragma once

#include <string_view>

#include "base/result.h"
#include "directory/idp/idps.h"

namespace godwit::settings {
class Settings;
}

namespace godwit::idp {

/// The level is the organization of the scope, or the instance when it names none.
class LoginPolicyIdps {
public:
    LoginPolicyIdps(store::Store& store, settings::Settings& settings) : store_(store), settings_(settings) {}

    /// Those of the effective policy, in its order. A provider that was removed since is passed over.
    Result<directory::Listed<Idp>> list(const OrgScope& org, const store::Page& page) const;
    /// `instance_owned`: the provider must be the instance's (true) or the organization's (false). Errors: not_found Org-Ffgw2 (the
    /// organization has no login policy of its own), failed_precondition COMMAND-39nfs (no such provider), already_exists Org-2B0ps.
    Result<directory::Change> add(const OrgScope& org, const store::Editor& editor, std::string_view id, bool instance_owned);
    /// Errors: not_found Org-Ffgw2, Org-6k9dR (the policy does not offer it).
    Result<directory::Change> remove(const OrgScope& org, const store::Editor& editor, std::string_view id);

private:
    store::Store& store_;
    settings::Settings& settings_;
};

}  // namespace godwit::idp
