// Who manages what: members of the instance, of organizations, of projects and of project grants, in one table.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/member/roles.h"
#include "directory/object/object.h"
#include "directory/user/search.h"
#include "directory/user/types.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::member {

/// What a membership is of. `id` is 0 for the instance; otherwise the organization's, project's or grant's key.
struct Place {
    ScopeKind kind = ScopeKind::instance;
    std::int64_t id = 0;

    static Place instance() { return {}; }
    static Place organization(OrgId org) { return {ScopeKind::organization, org.key}; }
    static Place project(ProjectId project) { return {ScopeKind::project, project.key}; }
    static Place project_grant(std::int64_t grant) { return {ScopeKind::project_grant, grant}; }
};

/// A member, and who that is.
struct Member {
    UserId user;
    std::vector<std::string> roles;  ///< sorted
    std::string resource_owner;      ///< of the membership, as the contract shows it: the organization; the instance for its members
    std::string user_id, preferred_login_name;
    user::Kind user_kind = user::Kind::human;
    std::string first_name, last_name, display_name, email, avatar;
    std::string user_org_id;
    directory::Stamp stamp = {};
};

/// All conditions hold together. Unknown ids match nothing.
struct MemberFilter {
    std::vector<std::string> user_ids = {};
    std::vector<user::Query> users = {};
};

/// The contract's MemberFieldColumnName, same numbers. Without one: in the order they came to be.
enum class SortBy { unspecified = 0, user_id = 1, created = 2, changed = 3, user_org = 4 };

/// A membership as the permission check and the contract's membership list need it.
struct Membership {
    Place place;
    std::string place_id;  ///< as the contract shows it; the instance's id for the instance
    std::vector<std::string> roles;
    PermissionSet permissions;  ///< of all its roles
    directory::Stamp stamp = {};
};
using Memberships = std::vector<Membership>;

class Members {
public:
    explicit Members(store::Store& store);

    /// Errors, each with the scope's own id: already_exists ORG-poWwe …, invalid_argument Org-4N8es … (a role of another scope or none),
    /// not_found Org-D8JxR … (no such place), failed_precondition ORG-GoXOn … (no such user).
    Result<directory::Change> add(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                  const std::vector<std::string>& roles);
    Result<directory::Change> add(store::Writer& db, InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                  const std::vector<std::string>& roles);
    /// The same roles again change nothing. Errors: invalid_argument, not_found as above.
    Result<directory::Change> update(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                     const std::vector<std::string>& roles);
    /// Removing who is no member is no error: it answers the last change of what the membership would be of. not_found: no such place.
    Result<directory::Change> remove(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user);
    Result<directory::Listed<Member>> list(InstanceScope scope, const Place& place, const MemberFilter& filter, SortBy sort,
                                           const store::Page& page) const;

    Result<std::shared_ptr<const Memberships>> memberships_of(InstanceScope scope, UserId user) const;

private:
    store::Store& store_;
};

/// The same in a transaction that is already open.
Result<std::shared_ptr<const Memberships>> read_memberships(store::Reader& db, InstanceScope scope, UserId user);

}  // namespace godwit::member
