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

struct Member {
    UserId user;
    Place place;
    std::vector<std::string> roles;  ///< sorted
    directory::Stamp stamp = {};
};

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

    /// Errors: already_exists ORG-poWwe …, invalid_argument Org-4N8es … (a role of another scope or none), each scope's own id.
    Result<directory::Change> add(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                  const std::vector<std::string>& roles);
    Result<directory::Change> add(store::Writer& db, InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                  const std::vector<std::string>& roles);
    Result<directory::Change> update(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                                     const std::vector<std::string>& roles);
    /// Removing who is no member is no error: nullopt.
    Result<std::optional<directory::Change>> remove(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user);
    /// In the order they came to be.
    Result<directory::Listed<Member>> list(InstanceScope scope, const Place& place, const store::Page& page) const;

    Result<std::shared_ptr<const Memberships>> memberships_of(InstanceScope scope, UserId user) const;

private:
    store::Store& store_;
};

/// The same in a transaction that is already open.
Result<std::shared_ptr<const Memberships>> read_memberships(store::Reader& db, InstanceScope scope, UserId user);

}  // namespace godwit::member
