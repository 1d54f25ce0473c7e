#include <algorithm>

#include "base/unicode.h"
#include "directory/instance/instances.h"
#include "directory/object/public_id.h"
#include "directory/project/holding.h"
#include "directory/project/projects.h"
#include "store/store.h"

namespace godwit::project {
namespace {

using directory::Change;
using store::Database;

std::string role_body(const Role& role) {
    return store::EventBody().add("key", role.key).add("displayName", role.display_name).add("group", role.group).take();
}

/// Lists of roles are kept one a line.
Result<void> accept_key(std::string_view key) {
    if (key.empty() || !is_valid_utf8(key) || has_control_characters(key))
        return fail(Code::invalid_argument, "PROJECT-Rol01", "a role key has 1 to 200 characters, none of them a control character");
    return {};
}

Result<Change> record(store::Writer& db, const OrgScope& org, const Project& project, std::span<const store::Event> events) {
    TRY(db.append(org.instance(), events));
    const auto version = TRY(touch_project(db, org.instance(), project.key));
    return Change{.at = db.now(), .sequence = version, .resource_owner = project.org_id};
}

}  // namespace

Result<Change> Projects::add_roles(const OrgScope& org, const store::Editor& editor, std::string_view id, std::span<const Role> roles) {
    return store_.write(Database::directory, [&](store::Writer& db) { return add_roles(db, org, editor, id, roles); });
}

Result<Change> Projects::add_roles(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view id,
                                   std::span<const Role> roles) {
    const Project project = TRY(owned_project(db, org, id, "COMMAND-4ANtw"));
    RoleKeys keys;
    for (const auto& role : roles) {
        TRY(accept_key(role.key));
        keys.push_back(role.key);
    }
    std::vector<store::Event> events;
    TRY(directory::unique_as(db.attempt([&]() -> Result<void> {
        for (const auto& role : roles) {
            TRY(db.exec(org.instance(),
                        "INSERT INTO project_roles (instance_no, project_id, role_key, display_name, group_name, created_at, changed_at) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                        {project.key, role.key, role.display_name, role.group, db.now()}));
        }
        return {};
    }),
                             "V3-DKcYh", "Role already exists"));
    TRY(forget_roles(db, org.instance(), project.key, 0, sorted_roles(std::move(keys))));
    for (const auto& role : roles)
        events.push_back(store::event_of(editor, "project", project.key.key, "project.role.added", org.org(), role_body(role)));
    return record(db, org, project, events);
}

Result<Change> Projects::update_role(const OrgScope& org, const store::Editor& editor, std::string_view id, const Role& role) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Project project = TRY(owned_project(db, org, id, "COMMAND-4ANtw"));
        const auto changed =
            TRY(db.exec(org.instance(),
                        "UPDATE project_roles SET display_name = ?4, group_name = ?5, changed_at = ?6, version = version + 1 "
                        "WHERE instance_no = ?1 AND project_id = ?2 AND role_key = ?3",
                        {project.key, role.key, role.display_name, role.group, db.now()}));
        if (changed == 0) return fail(Code::not_found, "PROJECT-vv8M9", "Role doesn't exist");
        const auto event = store::event_of(editor, "project", project.key.key, "project.role.changed", org.org(), role_body(role));
        return record(db, org, project, std::span(&event, 1));
    });
}

Result<Change> Projects::remove_role(const OrgScope& org, const store::Editor& editor, std::string_view id, std::string_view role_key) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Project project = TRY(owned_project(db, org, id, "COMMAND-4ANtw"));
        const auto removed =
            TRY(db.exec(org.instance(), "DELETE FROM project_roles WHERE instance_no = ?1 AND project_id = ?2 AND role_key = ?3",
                        {project.key, role_key}));
        if (removed == 0) return Change{.at = db.now(), .sequence = project.stamp.sequence, .resource_owner = project.org_id};
        const auto event = store::event_of(editor, "project", project.key.key, "project.role.removed", org.org(),
                                           store::EventBody().add("key", role_key).take());
        return record(db, org, project, std::span(&event, 1));
    });
}

Result<directory::Listed<Role>> Projects::roles(InstanceScope scope, std::string_view id, const RoleFilter& filter,
                                                const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Role>> {
        directory::Listed<Role> listed;
        const auto project = TRY(directory::resolve_as<ProjectId>(db, scope, directory::Noun::project, id));
        if (!project) return listed;
        // A project has tens of roles; their texts have no folded columns, so the conditions are decided here.
        const auto matches = [&](const Role& role) {
            const auto all = [](const auto& filters, const std::string& text) {
                return std::ranges::all_of(filters, [&](const auto& f) { return store::text_matches(text, f.method, f.text); });
            };
            const bool within = !filter.within || std::ranges::find(*filter.within, role.key) != filter.within->end();
            return within && all(filter.keys, role.key) && all(filter.display_names, role.display_name);
        };
        const auto limit = store::applied_limit(page);
        TRY(db.query(scope,
                     "SELECT role_key, display_name, group_name, created_at, changed_at, version FROM project_roles "
                     "WHERE instance_no = ?1 AND project_id = ?2 ORDER BY role_key",
                     {*project}, [&](const store::Row& row) {
                         Role role{.key = std::string(row.text(0)),
                                   .display_name = std::string(row.text(1)),
                                   .group = std::string(row.text(2)),
                                   .stamp = {row.time(3), row.time(4), row.i64(5)}};
                         if (!matches(role)) return;
                         if (listed.total++ >= page.offset && listed.rows.size() < limit) listed.rows.push_back(std::move(role));
                     }));
        return listed;
    });
}

}  // namespace godwit::project
