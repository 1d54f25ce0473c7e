// Projects and the roles they define.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::project {

enum class State { active = 1, inactive = 2 };  ///< numbers of the contract's ProjectState
enum class PrivateLabeling { unspecified = 0, project_owner_policy = 1, login_user_policy = 2 };

/// What a project asks of those who sign in to its applications.
struct Flags {
    bool role_assertion = false;     ///< roles of the user go into tokens and userinfo
    bool role_check = false;         ///< only users with a role may sign in
    bool has_project_check = false;  ///< only users of organizations that hold the project may sign in
    PrivateLabeling private_labeling = PrivateLabeling::unspecified;

    friend bool operator==(const Flags&, const Flags&) = default;
};

struct Project {
    ProjectId key;
    std::string id;  ///< as the contract shows it
    OrgId org;
    std::string org_id;
    std::string name;
    State state = State::active;
    Flags flags;
    directory::Stamp stamp = {};
};

struct NewProject {
    std::string name;
    std::optional<std::string> id = {};
    Flags flags = {};
};

struct Role {
    std::string key;
    std::string display_name;
    std::string group = {};
    directory::Stamp stamp = {};
};

struct Filter {
    std::vector<directory::TextFilter> names = {};
    std::vector<std::string> owners = {};  ///< organization ids
};
struct RoleFilter {
    std::vector<directory::TextFilter> keys = {};
    std::vector<directory::TextFilter> display_names = {};
    std::optional<std::vector<std::string>> within = {};  ///< only these keys: those of a grant
};

/// In a transaction that is already open.
Result<std::optional<Project>> find_project(store::Reader& db, InstanceScope scope, std::string_view id);
Result<std::optional<Project>> find_project(store::Reader& db, InstanceScope scope, ProjectId key);
/// not_found with `error_id` unless the organization owns it.
Result<Project> owned_project(store::Reader& db, const OrgScope& org, std::string_view id, std::string_view error_id);
/// Something of the project changed: its new version; caches learn of it. aborted when it is gone. Removing a project, or a grant of it to
/// an organization, begins with this: see keep_holding.
Result<std::int64_t> touch_project(store::Writer& db, InstanceScope scope, ProjectId project);
Error removed_meanwhile();

class Projects {
public:
    explicit Projects(store::Store& store);

    /// already_exists V3-DKcYh (name taken in the organization, or id taken).
    Result<Project> create(const OrgScope& org, const store::Editor& editor, const NewProject& wanted);
    Result<Project> create(store::Writer& db, const OrgScope& org, const store::Editor& editor, const NewProject& wanted);

    /// Of any organization of the instance. nullopt when there is none.
    Result<std::optional<Project>> find(InstanceScope scope, std::string_view id) const;
    /// The organization's own projects.
    Result<directory::Listed<Project>> list(const OrgScope& org, const Filter& filter, const store::Page& page) const;

    /// Here and below the organization must own the project: not_found otherwise. Saying what is so already changes nothing.
    Result<directory::Change> update(const OrgScope& org, const store::Editor& editor, std::string_view id, std::string_view name,
                                     const Flags& flags);
    /// failed_precondition COMMAND-mki55 when it is not active.
    Result<directory::Change> deactivate(const OrgScope& org, const store::Editor& editor, std::string_view id);
    /// failed_precondition COMMAND-5M9bs when it is not inactive.
    Result<directory::Change> reactivate(const OrgScope& org, const store::Editor& editor, std::string_view id);

    /// already_exists V3-DKcYh for a key that exists; none of them is then added. A key that was removed before comes back without its
    /// former holders.
    Result<directory::Change> add_roles(const OrgScope& org, const store::Editor& editor, std::string_view id, std::span<const Role> roles);
    Result<directory::Change> add_roles(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view id,
                                        std::span<const Role> roles);
    Result<directory::Change> update_role(const OrgScope& org, const store::Editor& editor, std::string_view id, const Role& role);
    /// Grants that name the role lose it at once: effective roles are what both sides have. Removing what is not there is no error.
    Result<directory::Change> remove_role(const OrgScope& org, const store::Editor& editor, std::string_view id, std::string_view role_key);
    Result<directory::Listed<Role>> roles(InstanceScope scope, std::string_view id, const RoleFilter& filter,
                                          const store::Page& page) const;

private:
    Result<directory::Change> set_state(const OrgScope& org, const store::Editor& editor, std::string_view id, State to,
                                        const Error& already);

    store::Store& store_;
};

}  // namespace godwit::project
