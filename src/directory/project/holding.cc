#include "directory/project/holding.h"

#include <algorithm>
#include <iterator>

#include "directory/object/public_id.h"
#include "store/store.h"

namespace godwit::project {
namespace {

using directory::Noun;

constexpr std::int64_t kOrgActive = 1;

/// The holding as its owner, or the holder of `grant`, has it.
Result<std::optional<Holding>> read_holding(store::Reader& db, InstanceScope scope, ProjectId key, std::int64_t grant) {
    auto project = TRY(find_project(db, scope, key));
    if (!project) return std::nullopt;
    Holding holding{.project = *std::move(project), .grant = grant, .grant_id = {}, .roles = TRY(role_keys_of(db, scope, key))};
    holding.active = holding.project.state == State::active;
    TRY(db.query(scope, "SELECT state FROM organizations WHERE instance_no = ?1 AND id = ?2", {holding.project.org},
                 [&](const store::Row& row) { holding.active = holding.active && row.i64(0) == kOrgActive; }));
    if (grant == 0) return holding;
    bool there = false;
    TRY(db.query(scope, "SELECT public_id, state, roles FROM project_grants WHERE instance_no = ?1 AND id = ?2 AND project_id = ?3",
                 {grant, key}, [&](const store::Row& row) {
                     there = true;
                     holding.grant_id = directory::display_id(grant, row.text(0));
                     holding.active = holding.active && static_cast<State>(row.i64(1)) == State::active;
                     holding.roles = common_roles(holding.roles, split_roles(row.text(2)));
                 }));
    if (!there) return std::nullopt;
    return holding;
}

/// Among the rows of a query that begin with the table's key columns and end with `roles`, those that name one of the keys lose it.
struct Stale {
    std::vector<std::int64_t> key;
    std::string roles;
};
Result<std::vector<Stale>> find_stale(store::Reader& db, InstanceScope scope, std::string_view sql, store::Params params, int key_columns,
                                      const RoleKeys& keys) {
    std::vector<Stale> stale;
    TRY(db.query(scope, sql, params, [&](const store::Row& row) {
        const RoleKeys stored = split_roles(row.text(key_columns));
        RoleKeys left;
        std::ranges::set_difference(stored, keys, std::back_inserter(left));
        if (left.size() == stored.size()) return;
        Stale found{.key = {}, .roles = join_roles(left)};
        for (int column = 0; column < key_columns; ++column) found.key.push_back(row.i64(column));
        stale.push_back(std::move(found));
    }));
    return stale;
}

}  // namespace

Result<RoleKeys> role_keys_of(store::Reader& db, InstanceScope scope, ProjectId project) {
    RoleKeys keys;
    TRY(db.query(scope, "SELECT role_key FROM project_roles WHERE instance_no = ?1 AND project_id = ?2", {project},
                 [&](const store::Row& row) { keys.emplace_back(row.text(0)); }));
    return sorted_roles(std::move(keys));  // in the order of bytes, whatever the engine's is
}

Result<std::optional<Holding>> find_holding(store::Reader& db, const OrgScope& org, std::string_view project_id,
                                            std::string_view grant_id) {
    const InstanceScope scope = org.instance();
    const auto project = TRY(directory::resolve_as<ProjectId>(db, scope, Noun::project, project_id));
    if (!project) return std::nullopt;
    std::optional<std::int64_t> grant;
    if (!grant_id.empty()) {
        grant = TRY(directory::resolve(db, scope, Noun::project_grant, grant_id));
        if (!grant) return std::nullopt;
    } else {
        const auto found = TRY(find_project(db, scope, *project));
        if (found && found->org == org.org()) return read_holding(db, scope, *project, 0);
    }
    std::optional<std::int64_t> held;
    TRY(db.query(scope, "SELECT id FROM project_grants WHERE instance_no = ?1 AND project_id = ?2 AND granted_org_id = ?3",
                 {*project, org.org()}, [&](const store::Row& row) { held = row.i64(0); }));
    if (!held || (grant && grant != held)) return std::nullopt;
    return read_holding(db, scope, *project, *held);
}

Result<const Holding*> Holdings::of(ProjectId project, std::int64_t grant) {
    const std::pair key(project, grant);
    auto found = known_.find(key);
    if (found == known_.end()) found = known_.emplace(key, TRY(read_holding(db_, scope_, project, grant))).first;
    return found->second ? &*found->second : nullptr;
}

Result<void> keep_holding(store::Writer& db, InstanceScope scope, ProjectId project, std::int64_t grant) {
    // The lock first, then what is seen behind it.
    if (TRY(db.exec(scope, "UPDATE projects SET version = version WHERE instance_no = ?1 AND id = ?2", {project})) == 0)
        return fail(removed_meanwhile());
    if (grant == 0) return {};
    const auto there = TRY(db.query(scope, "SELECT id FROM project_grants WHERE instance_no = ?1 AND id = ?2 AND project_id = ?3",
                                    {grant, project}, [](const store::Row&) {}));
    return there > 0 ? Result<void>() : fail(removed_meanwhile());
}

Result<void> forget_roles(store::Writer& db, InstanceScope scope, ProjectId project, std::int64_t grant, const RoleKeys& keys) {
    if (grant == 0) {
        constexpr std::string_view kGrants =
            "SELECT id, roles FROM project_grants WHERE instance_no = ?1 AND project_id = ?2 AND roles <> ''";
        for (const Stale& row : TRY(find_stale(db, scope, kGrants, {project}, 1, keys)))
            TRY(db.exec(scope, "UPDATE project_grants SET roles = ?3 WHERE instance_no = ?1 AND id = ?2", {row.key[0], row.roles}));
    }
    // By the organizations that hold the project: there is no index by project alone.
    constexpr std::string_view kUserGrants =
        "SELECT user_id, project_grant_id, org_id, roles FROM user_grants WHERE instance_no = ?1 AND project_id = ?2 AND roles <> '' "
        "AND (?3 = 0 OR project_grant_id = ?3) AND org_id IN (SELECT org_id FROM projects WHERE instance_no = ?1 AND id = ?2 "
        "UNION SELECT granted_org_id FROM project_grants WHERE instance_no = ?1 AND project_id = ?2)";
    for (const Stale& row : TRY(find_stale(db, scope, kUserGrants, {project, grant}, 3, keys)))
        TRY(db.exec(
            scope,
            "UPDATE user_grants SET roles = ?6 WHERE instance_no = ?1 AND user_id = ?2 AND project_id = ?3 AND project_grant_id = ?4 "
            "AND org_id = ?5",
            {row.key[0], project, row.key[1], row.key[2], row.roles}));
    return {};
}

}  // namespace godwit::project
