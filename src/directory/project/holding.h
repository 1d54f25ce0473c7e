// What an organization may give of a project to users: its own project, or one that was granted to it. Whoever writes a grant of a user
// asks here first; whoever reads one takes its roles from here, so that a role that was removed, or is no more part of the grant to the
// organization, is gone at once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "directory/project/projects.h"
#include "directory/project/role_list.h"

namespace godwit::project {

struct Holding {
    Project project;
    std::int64_t grant = 0;  ///< key of the grant to the organization; 0: the project is its own
    std::string grant_id;    ///< as the contract shows it; "" for an own project
    RoleKeys roles;          ///< of the project; of a granted one only those that the grant has
    bool active = true;      ///< project, owner and grant are
};

/// The roles that the project has.
Result<RoleKeys> role_keys_of(store::Reader& db, InstanceScope scope, ProjectId project);

/// Of the organization: its own project when `grant_id` is "", or the one granted to it under that id; a project of somebody else is looked
/// for among what is granted to it also without an id. nullopt: it holds no such project.
Result<std::optional<Holding>> find_holding(store::Reader& db, const OrgScope& org, std::string_view project_id, std::string_view grant_id);

/// Holdings by the keys that a user's grant has, each read once.
class Holdings {
public:
    Holdings(store::Reader& db, InstanceScope scope) : db_(db), scope_(scope) {}
    /// nullptr: the project, or the grant to the organization, is gone.
    Result<const Holding*> of(ProjectId project, std::int64_t grant);

private:
    store::Reader& db_;
    const InstanceScope scope_;
    std::map<std::pair<ProjectId, std::int64_t>, std::optional<Holding>> known_;
};

/// For who wrote rows that hang on a holding, as the last thing of the transaction: no removal came between, and none overtakes it before
/// the commit (each begins with touch_project, and so waits). aborted when the holding is gone.
Result<void> keep_holding(store::Writer& db, InstanceScope scope, ProjectId project, std::int64_t grant);

/// Before a role key of the project begins to mean something, again or for the first time: grants that still name it from an earlier life
/// forget it, so that nobody gets back what was taken from him. `grant` 0: all grants of the project, to organizations and users;
/// otherwise those of users that hang on this grant. Walks the project's grants: adding a role is rare.
Result<void> forget_roles(store::Writer& db, InstanceScope scope, ProjectId project, std::int64_t grant, const RoleKeys& keys);

}  // namespace godwit::project
