// Grants of a project to other organizations, which may then give its roles, or some of them, to their users.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/project/projects.h"
#include "directory/project/role_list.h"

namespace godwit::project {

struct Grant {
    std::int64_t key = 0;
    std::string id;  ///< as the contract shows it
    State state = State::active;
    RoleKeys roles;  ///< those that the project still has
    ProjectId project;
    std::string project_id, project_name;
    OrgId owner;
    std::string owner_id, owner_name;
    OrgId granted_org;
    std::string granted_org_id, granted_org_name;
    directory::Stamp stamp = {};
};

struct NewGrant {
    std::string project_id;
    std::string granted_org_id;
    RoleKeys roles = {};
    std::optional<std::string> id = {};  ///< given by an import; otherwise generated
};

/// All conditions hold together. Unknown ids match nothing.
struct GrantFilter {
    std::vector<directory::TextFilter> project_names = {};
    std::vector<directory::TextFilter> role_keys = {};  ///< one of the grant's roles matches
    std::vector<std::string> project_ids = {};
    std::vector<std::string> owner_ids = {};  ///< organizations that own the project
    std::vector<std::string> granted_org_ids = {};
};

/// A grant within its project, owned by the organization.
struct GrantRef {
    OrgScope owner;
    std::string project_id, grant_id;
};

class Grants {
public:
    explicit Grants(store::Store& store) : store_(store) {}

    /// Errors: not_found COMMAND-3M9sd (project), failed_precondition COMMAND-3m9gg (organization) and COMMAND-6m9gd (a role that the
    /// project does not have), already_exists V3-DKcYh (granted to it already, or id taken).
    Result<Grant> add(const OrgScope& owner, const NewGrant& wanted, const store::Editor& editor);
    /// Below: not_found PROJECT-D8JxR for a grant that is not there. Saying what is so already changes nothing.
    /// failed_precondition COMMAND-6m9gd as above. Users lose at once what is left out, and do not get it back when it is added again.
    Result<directory::Change> update(const GrantRef& ref, const RoleKeys& roles, const store::Editor& editor);
    Result<directory::Change> deactivate(const GrantRef& ref, const store::Editor& editor);
    Result<directory::Change> reactivate(const GrantRef& ref, const store::Editor& editor);

    /// Of the owner's projects: not_found PROJECT-D8JxR.
    Result<Grant> get(const GrantRef& ref) const;
    /// What was granted to the organization: not_found PROJECT-D8JxR.
    Result<Grant> get_granted(const OrgScope& holder, std::string_view project_id, std::string_view grant_id) const;
    /// Of the owner's projects, and what was granted to the organization; oldest first.
    Result<directory::Listed<Grant>> list(const OrgScope& owner, const GrantFilter& filter, const store::Page& page) const;
    Result<directory::Listed<Grant>> list_granted(const OrgScope& holder, const GrantFilter& filter, const store::Page& page) const;

private:
    Result<directory::Change> set_state(const GrantRef& ref, State to, const store::Editor& editor);

    store::Store& store_;
};

/// In a transaction that is already open; the errors of Grants::get.
Result<Grant> get_grant(store::Reader& db, const GrantRef& ref);

/// The columns that say which roles a row of a list gives. `grant_roles`: those of the grant to the organization, NULL for an own project;
/// "" where there is no such limit.
struct RoleColumns {
    std::string_view project, roles, grant_roles;
};
/// True for rows that give a role which matches. `org`: all rows are of projects that it owns, or that were granted to it.
Result<std::string> role_condition(store::Reader& db, const OrgScope& org, store::Bindings& bindings, const RoleColumns& columns,
                                   const directory::TextFilter& filter);

}  // namespace godwit::project
