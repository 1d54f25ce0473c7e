// Grants of projects to organizations: reading one, and lists of them.
#include <map>

#include "directory/object/public_id.h"
#include "directory/project/grants.h"
#include "directory/project/holding.h"
#include "store/store.h"

namespace godwit::project {
namespace {

using directory::Listed;
using directory::Noun;
using store::Database;

constexpr std::string_view kColumns =
    "g.id, g.public_id, g.state, g.roles, p.id, p.public_id, p.name, o.id, o.public_id, o.name, h.id, h.public_id, h.name, g.created_at, "
    "g.changed_at, g.version";
constexpr std::string_view kFrom =
    "project_grants g "
    "JOIN projects p ON p.instance_no = g.instance_no AND p.id = g.project_id "
    "JOIN organizations o ON o.instance_no = g.instance_no AND o.id = g.owner_org_id "
    "JOIN organizations h ON h.instance_no = g.instance_no AND h.id = g.granted_org_id";

Grant read_row(const store::Row& row) {
    return {.key = row.i64(0),
            .id = directory::display_id(row.i64(0), row.text(1)),
            .state = static_cast<State>(row.i64(2)),
            .roles = split_roles(row.text(3)),
            .project = row.id<ProjectId>(4),
            .project_id = directory::display_id(row.i64(4), row.text(5)),
            .project_name = std::string(row.text(6)),
            .owner = row.id<OrgId>(7),
            .owner_id = directory::display_id(row.i64(7), row.text(8)),
            .owner_name = std::string(row.text(9)),
            .granted_org = row.id<OrgId>(10),
            .granted_org_id = directory::display_id(row.i64(10), row.text(11)),
            .granted_org_name = std::string(row.text(12)),
            .stamp = {row.time(13), row.time(14), row.i64(15)}};
}

/// A removed role is no part of a grant any more, whatever its row says.
Result<void> leave_out_removed_roles(store::Reader& db, InstanceScope scope, std::vector<Grant>& grants) {
    std::map<ProjectId, RoleKeys> known;
    for (Grant& grant : grants) {
        auto roles = known.find(grant.project);
        if (roles == known.end()) roles = known.emplace(grant.project, TRY(role_keys_of(db, scope, grant.project))).first;
        grant.roles = common_roles(grant.roles, roles->second);
    }
    return {};
}

std::unexpected<Error> no_grant() { return fail(Code::not_found, "PROJECT-D8JxR", "Grant not found"); }

/// The grant with this id; nullopt when there is none of this project.
Result<std::optional<Grant>> find_grant(store::Reader& db, InstanceScope scope, std::string_view project_id, std::string_view grant_id) {
    const auto key = TRY(directory::resolve(db, scope, Noun::project_grant, grant_id));
    if (!key) return std::nullopt;
    std::vector<Grant> found;
    TRY(db.query(scope, "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE g.instance_no = ?1 AND g.id = ?2",
                 {*key}, [&](const store::Row& row) { found.push_back(read_row(row)); }));
    if (found.empty() || found.front().project_id != project_id) return std::nullopt;
    TRY(leave_out_removed_roles(db, scope, found));
    return std::move(found.front());
}

Result<std::string> one_of(store::Reader& db, InstanceScope scope, store::Bindings& b, std::string_view column, Noun noun,
                           std::string_view id) {
    return std::string(column) + " = " + b.bind(TRY(directory::resolve(db, scope, noun, id)).value_or(0));
}

Result<Listed<Grant>> list_where(store::Reader& db, const OrgScope& org, std::string_view whose, const GrantFilter& filter,
                                 const store::Page& page) {
    const InstanceScope scope = org.instance();
    store::Bindings b;
    std::vector<std::string> conditions{"g.instance_no = ?1", std::string(whose) + " = " + b.bind(org.org())};
    for (const auto& name : filter.project_names)
        conditions.push_back(store::text_condition(b, {"p.name", "p.name_key"}, name.method, name.text));
    for (const auto& key : filter.role_keys)
        conditions.push_back(TRY(role_condition(db, org, b, {.project = "g.project_id", .roles = "g.roles", .grant_roles = ""}, key)));
    for (const auto& id : filter.project_ids) conditions.push_back(TRY(one_of(db, scope, b, "g.project_id", Noun::project, id)));
    for (const auto& id : filter.owner_ids) conditions.push_back(TRY(one_of(db, scope, b, "g.owner_org_id", Noun::organization, id)));
    for (const auto& id : filter.granted_org_ids)
        conditions.push_back(TRY(one_of(db, scope, b, "g.granted_org_id", Noun::organization, id)));
    store::Page oldest_first = page;
    oldest_first.ascending = true;  // as recorded, whatever is asked for
    Listed<Grant> listed;
    listed.total = TRY(store::run_list(
        db, scope, {.columns = std::string(kColumns), .from = std::string(kFrom), .where = store::all_of(conditions), .order_by = "g.id"},
        b, oldest_first, [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
    TRY(leave_out_removed_roles(db, scope, listed.rows));
    return listed;
}

/// Whether the list in `roles` has the key of `r`.
std::string has_role(std::string_view line, std::string_view roles) {
    const std::string list = std::string(line) + " || " + std::string(roles) + " || " + std::string(line);
    return "REPLACE(" + list + ", " + std::string(line) + " || r.role_key || " + std::string(line) + ", '') <> " + list;
}

}  // namespace

Result<Grant> get_grant(store::Reader& db, const GrantRef& ref) {
    auto found = TRY(find_grant(db, ref.owner.instance(), ref.project_id, ref.grant_id));
    if (!found || found->owner != ref.owner.org()) return no_grant();
    return *std::move(found);
}

Result<Grant> Grants::get(const GrantRef& ref) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return get_grant(db, ref); });
}

Result<Grant> Grants::get_granted(const OrgScope& holder, std::string_view project_id, std::string_view grant_id) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Grant> {
        auto found = TRY(find_grant(db, holder.instance(), project_id, grant_id));
        if (!found || found->granted_org != holder.org()) return no_grant();
        return *std::move(found);
    });
}

Result<Listed<Grant>> Grants::list(const OrgScope& owner, const GrantFilter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return list_where(db, owner, "g.owner_org_id", filter, page); });
}

Result<Listed<Grant>> Grants::list_granted(const OrgScope& holder, const GrantFilter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return list_where(db, holder, "g.granted_org_id", filter, page); });
}

Result<std::string> role_condition(store::Reader& db, const OrgScope& org, store::Bindings& bindings, const RoleColumns& columns,
                                   const directory::TextFilter& filter) {
    std::string matches;
    if (store::ignores_case(filter.method)) {
        // Keys have no folded form: those that there are, are looked through here.
        std::vector<std::string> keys;
        TRY(db.query(org.instance(),
                     "SELECT DISTINCT role_key FROM project_roles WHERE instance_no = ?1 AND project_id IN "
                     "(SELECT id FROM projects WHERE instance_no = ?1 AND org_id = ?2 "
                     "UNION SELECT project_id FROM project_grants WHERE instance_no = ?1 AND granted_org_id = ?2)",
                     {org.org()}, [&](const store::Row& row) {
                         if (store::text_matches(row.text(0), filter.method, filter.text)) keys.emplace_back(row.text(0));
                     }));
        matches = store::in_condition(bindings, "r.role_key", keys);
    } else {
        matches = store::text_condition(bindings, {"r.role_key", ""}, filter.method, filter.text);
    }
    const std::string line = "CAST(" + bindings.bind("\n") + " AS TEXT)";
    std::string sql = "EXISTS (SELECT 1 FROM project_roles r WHERE r.instance_no = ?1 AND r.project_id = " + std::string(columns.project) +
                      " AND " + matches + " AND " + has_role(line, columns.roles);
    if (!columns.grant_roles.empty())
        sql += " AND (" + std::string(columns.grant_roles) + " IS NULL OR " + has_role(line, columns.grant_roles) + ")";
    return sql + ")";
}

}  // namespace godwit::project
