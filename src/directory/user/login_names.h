// Login names: how a user name, its organization's domains and the domain policy make them, and back.
//
// They are not stored (docs/data-model.md, decision 4): a user row has `login_scope`, 0 when its name is unique in the instance, or
// its organization when the policy says that names carry the domain, and `name_key`, the folded name. "name@domain" resolves by
// org_domains to (organization, local part).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Reader;
}

namespace godwit::user {

/// How one organization's names are made.
struct Naming {
    bool must_be_domain = false;       ///< the domain policy's userLoginMustBeDomain
    std::vector<std::string> domains;  ///< verified ones, primary first
    std::int64_t login_scope(OrgId org) const { return must_be_domain ? org.key : 0; }
};

/// Reads the effective policy and the verified domains of `org` from the transaction at hand.
Result<Naming> naming_of(store::Reader& db, const OrgScope& org);

/// A user's login names, the preferred one first. `login_scope` is the row's: a row that the policy job has not reached yet keeps its form.
std::vector<std::string> login_names(std::string_view name, std::int64_t login_scope, const Naming& naming);

/// Remembers the namings of a call that shows many users.
class Namings {
public:
    Namings(store::Reader& db, InstanceScope instance) : db_(db), instance_(instance) {}
    Result<const Naming*> of(OrgId org);

private:
    store::Reader& db_;
    InstanceScope instance_;
    std::unordered_map<OrgId, Naming> known_;
};

/// Checks a new user name: 1–200 characters, valid UTF-8, no control or bidi characters, no white space at either end, not empty when
/// folded. invalid_argument.
Result<void> accept_name(std::string_view name);

/// The user with this login name. Errors: failed_precondition USER-Ambig when two users claim it by the two forms.
Result<std::optional<UserId>> resolve_login_name(store::Reader& db, InstanceScope instance, std::string_view login_name);

/// "name@domain" taken apart at its last '@': local part as written, domain in ASCII form; nullopt when there is no valid domain.
std::optional<std::pair<std::string, std::string>> split_login_name(std::string_view login_name);

/// All users with this e-mail address (folded), verified or not. For signing in by e-mail: only when exactly one has it, verified.
Result<std::vector<UserId>> find_by_email(store::Reader& db, InstanceScope instance, std::string_view address);

}  // namespace godwit::user
