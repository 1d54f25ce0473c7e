#include "directory/project/projects.h"

#include "base/unicode.h"
#include "directory/instance/instances.h"
#include "directory/object/public_id.h"
#include "store/store.h"

namespace godwit::project {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

constexpr std::string_view kColumns =
    "p.id, p.public_id, p.org_id, o.public_id, p.name, p.state, p.role_assertion, p.role_check, p.has_project_check, p.private_labeling, "
    "p.created_at, p.changed_at, p.version";
constexpr std::string_view kFrom = "projects p JOIN organizations o ON o.instance_no = p.instance_no AND o.id = p.org_id";

Project read_row(const store::Row& row) {
    return {.key = row.id<ProjectId>(0),
            .id = directory::display_id(row.i64(0), row.text(1)),
            .org = row.id<OrgId>(2),
            .org_id = directory::display_id(row.i64(2), row.text(3)),
            .name = std::string(row.text(4)),
            .state = static_cast<State>(row.i64(5)),
            .flags = {.role_assertion = row.flag(6),
                      .role_check = row.flag(7),
                      .has_project_check = row.flag(8),
                      .private_labeling = static_cast<PrivateLabeling>(row.i64(9))},
            .stamp = {row.time(10), row.time(11), row.i64(12)}};
}

std::string flags_body(std::string_view name, const Flags& flags) {
    return store::EventBody()
        .add("name", name)
        .add("projectRoleAssertion", flags.role_assertion)
        .add("projectRoleCheck", flags.role_check)
        .add("hasProjectCheck", flags.has_project_check)
        .add("privateLabelingSetting", static_cast<int>(flags.private_labeling))
        .take();
}

constexpr std::string_view kNotFound = "Project could not be found";
constexpr std::string_view kExists = "Project already exists on organization";

}  // namespace

Projects::Projects(store::Store& store) : store_(store) {}

Result<std::optional<Project>> find_project(store::Reader& db, InstanceScope scope, ProjectId key) {
    std::optional<Project> found;
    TRY(db.query(scope, "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE p.instance_no = ?1 AND p.id = ?2",
                 {key}, [&](const store::Row& row) { found = read_row(row); }));
    return found;
}

Result<std::optional<Project>> find_project(store::Reader& db, InstanceScope scope, std::string_view id) {
    const auto key = TRY(directory::resolve_as<ProjectId>(db, scope, Noun::project, id));
    if (!key) return std::nullopt;
    return find_project(db, scope, *key);
}

Result<Project> owned_project(store::Reader& db, const OrgScope& org, std::string_view id, std::string_view error_id) {
    auto found = TRY(find_project(db, org.instance(), id));
    if (!found || found->org != org.org()) return fail(Code::not_found, error_id, kNotFound);
    return *std::move(found);
}

Result<std::int64_t> touch_project(store::Writer& db, InstanceScope scope, ProjectId project) {
    std::int64_t version = 0;
    TRY(db.query(scope, "UPDATE projects SET version = version + 1, changed_at = ?3 WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                 {project, db.now()}, [&](const store::Row& row) { version = row.i64(0); }));
    if (version == 0) return fail(removed_meanwhile());
    TRY(instance::raise_config_version(db, scope));
    return version;
}

Error removed_meanwhile() { return {Code::aborted, "PROJECT-Vrs01", "the project was removed by someone else meanwhile"}; }

Result<Project> Projects::create(const OrgScope& org, const store::Editor& editor, const NewProject& wanted) {
    return store_.write(Database::directory, [&](store::Writer& db) { return create(db, org, editor, wanted); });
}

Result<Project> Projects::create(store::Writer& db, const OrgScope& org, const store::Editor& editor, const NewProject& wanted) {
    if (wanted.id && TRY(directory::resolve(db, org.instance(), Noun::project, *wanted.id)))
        return fail(Code::already_exists, "COMMAND-opamwu", "a project with this id exists already");
    const auto id = TRY(directory::make_id(db, wanted.id));
    TRY(directory::unique_as(db.attempt([&] {
        return db.exec(
            org.instance(),
            "INSERT INTO projects (instance_no, id, public_id, public_id_key, org_id, name, name_key, role_assertion, role_check, "
            "has_project_check, private_labeling, state, created_at, changed_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
            {id.key, id.public_id, id.public_id_key, org.org(), wanted.name, fold(wanted.name), wanted.flags.role_assertion,
             wanted.flags.role_check, wanted.flags.has_project_check, static_cast<int>(wanted.flags.private_labeling),
             static_cast<int>(State::active), db.now()});
    }),
                             "V3-DKcYh", kExists));
    TRY(db.append(org.instance(),
                  store::event_of(editor, "project", id.key, "project.added", org.org(), flags_body(wanted.name, wanted.flags))));
    return *TRY(find_project(db, org.instance(), ProjectId(id.key)));
}

Result<std::optional<Project>> Projects::find(InstanceScope scope, std::string_view id) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return find_project(db, scope, id); });
}

Result<directory::Listed<Project>> Projects::list(const OrgScope& org, const Filter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Project>> {
        directory::Listed<Project> listed;
        store::Bindings b;
        std::vector<std::string> conditions{"p.instance_no = ?1", "p.org_id = " + b.bind(org.org())};
        for (const auto& name : filter.names)
            conditions.push_back(store::text_condition(b, {"p.name", "p.name_key"}, name.method, name.text));
        for (const auto& owner : filter.owners) {
            const auto key = TRY(directory::resolve(db, org.instance(), Noun::organization, owner));
            conditions.push_back("p.org_id = " + b.bind(key.value_or(0)));
        }
        listed.total = TRY(store::run_list(
            db, org.instance(),
            {.columns = std::string(kColumns), .from = std::string(kFrom), .where = store::all_of(conditions), .order_by = "p.id"}, b, page,
            [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
        return listed;
    });
}

Result<Change> Projects::update(const OrgScope& org, const store::Editor& editor, std::string_view id, std::string_view name,
                                const Flags& flags) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Project project = TRY(owned_project(db, org, id, "COMMAND-Gd9hh"));
        if (project.name == name && project.flags == flags)
            return Change{.at = project.stamp.changed, .sequence = project.stamp.sequence, .resource_owner = project.org_id};
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(org.instance(),
                           "UPDATE projects SET name = ?3, name_key = ?4, role_assertion = ?5, role_check = ?6, has_project_check = ?7, "
                           "private_labeling = ?8 WHERE instance_no = ?1 AND id = ?2",
                           {project.key, name, fold(name), flags.role_assertion, flags.role_check, flags.has_project_check,
                            static_cast<int>(flags.private_labeling)});
        }),
                                 "V3-DKcYh", kExists));
        const auto version = TRY(touch_project(db, org.instance(), project.key));
        TRY(db.append(org.instance(),
                      store::event_of(editor, "project", project.key.key, "project.changed", org.org(), flags_body(name, flags))));
        return Change{.at = db.now(), .sequence = version, .resource_owner = project.org_id};
    });
}

Result<Change> Projects::deactivate(const OrgScope& org, const store::Editor& editor, std::string_view id) {
    return set_state(org, editor, id, State::inactive, Error{Code::failed_precondition, "COMMAND-mki55", "Project is not active"});
}

Result<Change> Projects::reactivate(const OrgScope& org, const store::Editor& editor, std::string_view id) {
    return set_state(org, editor, id, State::active, Error{Code::failed_precondition, "COMMAND-5M9bs", "Project is not inactive"});
}

Result<Change> Projects::set_state(const OrgScope& org, const store::Editor& editor, std::string_view id, State to, const Error& already) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Project project = TRY(owned_project(db, org, id, "COMMAND-112M9"));
        if (project.state == to) return fail(already);
        TRY(db.exec(org.instance(), "UPDATE projects SET state = ?3 WHERE instance_no = ?1 AND id = ?2",
                    {project.key, static_cast<int>(to)}));
        const auto version = TRY(touch_project(db, org.instance(), project.key));
        TRY(db.append(org.instance(), store::event_of(editor, "project", project.key.key,
                                                      to == State::active ? "project.reactivated" : "project.deactivated", org.org())));
        return Change{.at = db.now(), .sequence = version, .resource_owner = project.org_id};
    });
}

}  // namespace godwit::project
