// Why somebody may call an RPC, or may not: for `godwit explain permission`. Reads the registrations, the memberships and the role table by
// which the server decides, and asks the same functions (member::decide, rpc::excuse_of), so that it cannot say otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/config/config.h"
#include "base/ids.h"
#include "base/result.h"

namespace godwit::rpc {
class Registry;
}

namespace godwit::app {

struct Services;

struct PermissionQuestion {
    std::string user;    ///< id or login name
    std::string rpc;     ///< "package.Service/Method", "Service/Method", "Method" where that is unique, or "GET /management/v1/users/123"
    std::string target;  ///< id of an organization, a project or a user; "": the user's own organization, and the user itself
};

/// Which kind of rule settled the matter.
enum class DecidedBy {
    no_caller,   ///< no token of the user is taken: it, or its organization, is not active
    open,        ///< the method is public
    any_caller,  ///< any valid token will do
    self,        ///< about itself
    own_org,     ///< about a user of its own organization
    listed,      ///< nobody is refused; the answer holds what the caller may see
    membership,  ///< a role of a membership gives the permission
    nothing,     ///< no membership gives it where it is needed
};
std::string_view name_of(DecidedBy by);

struct PermissionAnswer {
    bool allowed = false;
    DecidedBy by = DecidedBy::nothing;
    std::string method;  ///< "package.Service/Method"
    std::string user_id, login_name;
    std::string org_id;                 ///< the organization the call is about: what to send as x-zitadel-orgid
    std::string permission;             ///< what the call needs; "" when no permission is asked for
    std::string project_id;             ///< the project whose members count too; "" without
    std::string rule;                   ///< what the contract or the registration demands, a sentence
    std::string role, place, place_id;  ///< of the membership that settled it
    std::string reason;                 ///< the decision, a sentence
};

/// Errors: not_found (user, RPC or target), invalid_argument (an RPC's name that several have).
Result<PermissionAnswer> explain_permission(Services& services, const rpc::Registry& registry, InstanceScope instance,
                                            const PermissionQuestion& question);

/// The same on the configured databases, which are only read: a server may be running on them. `host` says which instance, "" when there is
/// one only. Errors besides: those of store/inspection.h and maintenance/read_only_store.h; not_found EXPLAIN-Ins01 (no such host),
/// invalid_argument EXPLAIN-Ins02 (several instances).
Result<PermissionAnswer> explain_permission(const config::Config& config, std::string_view host, const PermissionQuestion& question);

}  // namespace godwit::app
