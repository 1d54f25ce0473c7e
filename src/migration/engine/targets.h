// What a record names by id or by name - organizations, identity providers, projects and their roles - found, and remembered for a while.
// One thread at a time.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "store/editor.h"

namespace godwit::org {
class Orgs;
}
namespace godwit::store {
class Reader;
class Store;
}  // namespace godwit::store

namespace godwit::migration {

/// A project, and a role of it, as a job's `role_map` leads to them: "project/role".
std::pair<std::string_view, std::string_view> split_mapped_role(std::string_view target);

/// A project whose roles an organization may give its users: its own, or one granted to it.
struct RoleSource {
    std::string project_id;        ///< as the contract shows it
    std::string project_grant_id;  ///< "": the organization's own project
    std::set<std::string, std::less<>> roles;
};

class Targets {
public:
    Targets(store::Store& store, InstanceScope instance) : store_(store), instance_(instance) {}

    /// By id, verified domain or name, in this order; nullopt: there is none, or none active. Each may be empty.
    Result<std::optional<OrgId>> org(std::string_view id, std::string_view domain, std::string_view name);
    /// The id (as the contract shows it) of an identity provider that users of `org` may be linked to: by id, or by name when exactly one
    /// has it.
    Result<std::optional<std::string>> idp(OrgId org, std::string_view id_or_name);
    /// `granted_by` (id or name of the owner) may be empty: the organization's own project, else the one of that name granted to it.
    Result<std::optional<RoleSource>> project(OrgId org, std::string_view id_or_name, std::string_view granted_by);
    /// Whether any organization has it, or the instance: by id or name. Not remembered.
    Result<bool> knows_idp(std::string_view id_or_name);
    /// Whether any organization has such a project, by id or name, with that role. Not remembered.
    Result<bool> knows_role(std::string_view project, std::string_view role);

    /// What was looked up is looked up again: something was made.
    void forget();

private:
    using Clock = std::chrono::steady_clock;
    /// Answers what is remembered under the key, or what `find` finds.
    template <class T, class Find>
    Result<T> remember(std::map<std::string, T, std::less<>>& known, std::string key, Find find);

    store::Store& store_;
    const InstanceScope instance_;
    Clock::time_point since_ = Clock::now();
    std::map<std::string, std::optional<OrgId>, std::less<>> orgs_;
    std::map<std::string, std::optional<std::string>, std::less<>> idps_;
    std::map<std::string, std::optional<RoleSource>, std::less<>> projects_;
};

}  // namespace godwit::migration
