// Grants of users: roles of a project that an organization gives to a user. Those that a user brings at creation are written by
// directory/user; all others, and every later change, here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"
#include "directory/project/role_list.h"
#include "directory/user/new_user.h"
#include "directory/user/search.h"
#include "directory/user/types.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::grant {

enum class State { active = 1, inactive = 2 };  ///< numbers of the contract's UserGrantState

/// An organization as a grant shows it.
struct OrgName {
    OrgId key;
    std::string id, name, primary_domain;
};

struct UserGrant {
    std::int64_t key = 0;
    std::string id;  ///< as the contract shows it
    State state = State::active;
    project::RoleKeys roles;  ///< those that hold: what project, and grant to the organization, still have
    bool effective = true;    ///< the grant, the organization, the project and its grant to the organization are active
    OrgName org;              ///< that gives them
    ProjectId project;
    std::string project_id, project_name;
    std::int64_t project_grant = 0;  ///< 0: a project of its own
    std::string project_grant_id;    ///< ""
    UserId user;
    std::string user_id, user_name, preferred_login_name;
    user::Kind user_kind = user::Kind::human;
    std::string first_name, last_name, display_name, email, avatar;
    OrgName user_org;
    directory::Stamp stamp = {};
};

/// Which grant, given by which organization, and whose it is said to be ("": whosever).
struct GrantRef {
    OrgScope org;
    std::string user_id, grant_id;
};

/// All conditions hold together. Unknown ids match nothing.
struct Filter {
    std::vector<std::string> project_ids = {}, user_ids = {}, project_grant_ids = {};
    std::vector<directory::TextFilter> role_keys = {};  ///< one of the roles that hold
    std::vector<directory::TextFilter> org_names = {}, org_domains = {}, project_names = {};
    std::vector<user::Query> users = {};
    bool with_granted = false;  ///< also what other organizations give of the organization's own projects
};

class UserGrants {
public:
    explicit UserGrants(store::Store& store) : store_(store) {}

    /// Errors: failed_precondition COMMAND-4f8sg (no such user), COMMAND-4m9ff (the organization holds no such project), COMMAND-mm9F4 (a
    /// role that it cannot give); already_exists V3-DKcYh.
    Result<UserGrant> add(const OrgScope& org, const user::Ref& user, const user::NewGrant& wanted, const store::Editor& editor);
    Result<UserGrant> add(store::Writer& db, const OrgScope& org, const user::Ref& user, const user::NewGrant& wanted,
                          const store::Editor& editor);
    /// failed_precondition COMMAND-Rs8fy when the roles are those already; COMMAND-mm9F4; not_found COMMAND-3M9sd.
    Result<directory::Change> update(const GrantRef& ref, const project::RoleKeys& roles, const store::Editor& editor);
    /// Saying what is so already changes nothing. not_found COMMAND-1S9gx, COMMAND-Lp0gs.
    Result<directory::Change> deactivate(const GrantRef& ref, const store::Editor& editor);
    Result<directory::Change> reactivate(const GrantRef& ref, const store::Editor& editor);
    /// not_found COMMAND-1My0t
    Result<directory::Change> remove(const GrantRef& ref, const store::Editor& editor);
    /// All or none. failed_precondition COMMAND-5M0sd without ids.
    Result<void> remove_all(const OrgScope& org, const std::vector<std::string>& ids, const store::Editor& editor);

    /// not_found QUERY-wIPkA
    Result<UserGrant> get(const GrantRef& ref) const;
    /// What the organization gives, by project and user.
    Result<directory::Listed<UserGrant>> list(const OrgScope& org, const Filter& filter, const store::Page& page) const;
    /// What was given to the user, by whomever.
    Result<directory::Listed<UserGrant>> list_of(InstanceScope scope, UserId user, const store::Page& page) const;

private:
    Result<directory::Change> set_state(const GrantRef& ref, State to, const Error& missing, const store::Editor& editor);

    store::Store& store_;
};

}  // namespace godwit::grant
