#include "directory/project/grants.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "directory/project/holding.h"
#include "store/store.h"

namespace godwit::project {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

std::string grant_body(const Grant& grant) {
    return store::EventBody()
        .add("grantId", grant.id)
        .add("grantedOrgId", grant.granted_org_id)
        .add("roleKeys", std::span<const std::string>(grant.roles))
        .take();
}

Result<void> accept_roles(store::Reader& db, InstanceScope scope, ProjectId project, const RoleKeys& roles) {
    if (!has_roles(TRY(role_keys_of(db, scope, project)), roles))
        return fail(Code::failed_precondition, "COMMAND-6m9gd", "Errors.Project.Role.NotFound");
    return {};
}

/// Writes the change of a grant, if it is one: `set` with parameters from ?4 on.
Result<Change> apply(store::Writer& db, const GrantRef& ref, const Grant& grant, std::string_view set, store::Value value,
                     std::string_view event, const store::Editor& editor) {
    const InstanceScope scope = ref.owner.instance();
    Change change{.at = db.now(), .sequence = 0, .resource_owner = grant.owner_id};
    TRY(db.query(scope,
                 "UPDATE project_grants SET " + std::string(set) +
                     " = ?4, version = version + 1, changed_at = ?3 WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                 {grant.key, db.now(), value}, [&](const store::Row& row) { change.sequence = row.i64(0); }));
    TRY(db.append(scope, store::event_of(editor, "project", grant.project.key, event, ref.owner.org(), grant_body(grant))));
    TRY(touch_project(db, scope, grant.project));
    return change;
}

Change unchanged(const Grant& grant) {
    return {.at = grant.stamp.changed, .sequence = grant.stamp.sequence, .resource_owner = grant.owner_id};
}

}  // namespace

Result<Grant> Grants::add(const OrgScope& owner, const NewGrant& wanted, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Grant> {
        const InstanceScope scope = owner.instance();
        const Project project = TRY(owned_project(db, owner, wanted.project_id, "COMMAND-3M9sd"));
        const auto holder = TRY(org::find_org(db, scope, wanted.granted_org_id));
        if (!holder) return fail(Code::failed_precondition, "COMMAND-3m9gg", "Organisation not found");
        const RoleKeys roles = sorted_roles(wanted.roles);
        TRY(accept_roles(db, scope, project.key, roles));
        const auto id = TRY(directory::make_id(db, wanted.id));
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(scope,
                           "INSERT INTO project_grants (instance_no, id, public_id, public_id_key, project_id, owner_org_id, "
                           "granted_org_id, state, roles, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
                           {id.key, id.public_id, id.public_id_key, project.key, owner.org(), holder->key, static_cast<int>(State::active),
                            join_roles(roles), db.now()});
        }),
                                 "V3-DKcYh", "Project grant already exists"));
        Grant grant = TRY(get_grant(db, {owner, wanted.project_id, id.shown()}));
        TRY(db.append(scope, store::event_of(editor, "project", project.key.key, "project.grant.added", owner.org(), grant_body(grant))));
        TRY(touch_project(db, scope, project.key));
        return grant;
    });
}

Result<Change> Grants::update(const GrantRef& ref, const RoleKeys& wanted, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        Grant grant = TRY(get_grant(db, ref));
        const RoleKeys before = std::exchange(grant.roles, sorted_roles(wanted));
        if (grant.roles == before) return unchanged(grant);
        TRY(accept_roles(db, ref.owner.instance(), grant.project, grant.roles));
        RoleKeys added;
        std::ranges::set_difference(grant.roles, before, std::back_inserter(added));
        if (!added.empty()) TRY(forget_roles(db, ref.owner.instance(), grant.project, grant.key, added));
        const std::string roles = join_roles(grant.roles);
        return apply(db, ref, grant, "roles", roles, "project.grant.changed", editor);
    });
}

Result<Change> Grants::deactivate(const GrantRef& ref, const store::Editor& editor) { return set_state(ref, State::inactive, editor); }
Result<Change> Grants::reactivate(const GrantRef& ref, const store::Editor& editor) { return set_state(ref, State::active, editor); }

Result<Change> Grants::set_state(const GrantRef& ref, State to, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Grant grant = TRY(get_grant(db, ref));
        if (grant.state == to) return unchanged(grant);
        return apply(db, ref, grant, "state", static_cast<int>(to),
                     to == State::active ? "project.grant.reactivated" : "project.grant.deactivated", editor);
    });
}

}  // namespace godwit::project
