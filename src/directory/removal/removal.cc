#include "directory/removal/removal.h"

#include "directory/project/grants.h"
#include "directory/session/ending.h"
#include "directory/user/users.h"
#include "store/store.h"

namespace godwit::removal {

Result<directory::Change> remove_project(store::Store& store, const OrgScope& org, const store::Editor& editor, std::string_view id) {
    return store.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        const auto project = TRY(project::owned_project(db, org, id, "COMMAND-3M9sd"));
        const auto version = TRY(project::touch_project(db, org.instance(), project.key));
        constexpr std::string_view kStatements[] = {
            "DELETE FROM app_keys WHERE instance_no = ?1 AND app_id IN "
            "(SELECT id FROM applications WHERE instance_no = ?1 AND project_id = ?2)",
            "DELETE FROM applications WHERE instance_no = ?1 AND project_id = ?2",
            "DELETE FROM members WHERE instance_no = ?1 AND scope_kind = 3 AND scope_id IN "
            "(SELECT id FROM project_grants WHERE instance_no = ?1 AND project_id = ?2)",
            "DELETE FROM members WHERE instance_no = ?1 AND scope_kind = 2 AND scope_id = ?2",
            // By the organizations that hold the project: there is no index by project alone.
            "DELETE FROM user_grants WHERE instance_no = ?1 AND project_id = ?2 AND org_id IN "
            "(SELECT org_id FROM projects WHERE instance_no = ?1 AND id = ?2 "
            "UNION SELECT granted_org_id FROM project_grants WHERE instance_no = ?1 AND project_id = ?2)",
            "DELETE FROM project_grants WHERE instance_no = ?1 AND project_id = ?2",
            "DELETE FROM project_roles WHERE instance_no = ?1 AND project_id = ?2",
            "DELETE FROM metadata WHERE instance_no = ?1 AND owner_id = ?2",
            "DELETE FROM projects WHERE instance_no = ?1 AND id = ?2",
        };
        for (const auto sql : kStatements) TRY(db.exec(org.instance(), sql, {project.key}));
        TRY(db.append(org.instance(), store::event_of(editor, "project", project.key.key, "project.removed", org.org(),
                                                      store::EventBody().add("name", project.name).take())));
        return directory::Change{.at = db.now(), .sequence = version, .resource_owner = project.org_id};
    });
}

Result<directory::Change> remove_project_grant(store::Store& store, const project::GrantRef& ref, const store::Editor& editor) {
    return store.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        const InstanceScope scope = ref.owner.instance();
        const auto grant = TRY(project::get_grant(db, ref));
        TRY(project::touch_project(db, scope, grant.project));
        TRY(db.exec(scope, "DELETE FROM user_grants WHERE instance_no = ?1 AND org_id = ?2 AND project_id = ?3 AND project_grant_id = ?4",
                    {grant.granted_org, grant.project, grant.key}));
        TRY(db.exec(scope, "DELETE FROM members WHERE instance_no = ?1 AND scope_kind = 3 AND scope_id = ?2", {grant.key}));
        TRY(db.exec(scope, "DELETE FROM project_grants WHERE instance_no = ?1 AND id = ?2", {grant.key}));
        TRY(db.append(scope,
                      store::event_of(editor, "project", grant.project.key, "project.grant.removed", ref.owner.org(),
                                      store::EventBody().add("grantId", grant.id).add("grantedOrgId", grant.granted_org_id).take())));
        return directory::Change{.at = db.now(), .sequence = grant.stamp.sequence + 1, .resource_owner = grant.owner_id};
    });
}

Result<directory::Change> remove_user(store::Store& store, user::Users& users, const user::Ref& ref, const store::Editor& editor) {
    const auto user = TRY(users.find(ref));
    auto removed = TRY(users.remove(ref, editor));
    if (user) TRY(session::terminate_all_of(store, ref.instance, user->id, editor));
    return removed;
}

}  // namespace godwit::removal
