#include "directory/grant/rows.h"

#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "directory/project/grants.h"
#include "directory/project/holding.h"
#include "directory/user/login_names.h"
#include "store/store.h"

namespace godwit::grant {
namespace {

using directory::Listed;
using directory::Noun;
using store::Database;

constexpr std::string_view kColumns =
    "g.id, g.public_id, g.state, g.roles, g.created_at, g.changed_at, g.version, g.project_id, g.project_grant_id, "
    "o.id, o.public_id, o.name, o.primary_domain, o.state, "
    "u.id, u.public_id, u.name, u.login_scope, u.kind, u.given_name, u.family_name, u.display_name, u.email, u.avatar, "
    "h.id, h.public_id, h.name, h.primary_domain";
// In this order, so that the grants are walked and the rest is looked up.
constexpr std::string_view kFrom =
    "user_grants g "
    "LEFT JOIN organizations o ON o.instance_no = g.instance_no AND o.id = g.org_id "
    "LEFT JOIN users u ON u.instance_no = g.instance_no AND u.id = g.user_id "
    "LEFT JOIN organizations h ON h.instance_no = u.instance_no AND h.id = u.org_id "
    "LEFT JOIN projects p ON p.instance_no = g.instance_no AND p.id = g.project_id "
    "LEFT JOIN project_grants pg ON pg.instance_no = g.instance_no AND pg.id = g.project_grant_id";

/// A row with what is not shown as it is stored.
struct Stored {
    UserGrant grant;
    std::int64_t login_scope = 0;
};

OrgName org_of(const store::Row& row, int at) {
    return {.key = row.id<OrgId>(at),
            .id = directory::display_id(row.i64(at), row.text(at + 1)),
            .name = std::string(row.text(at + 2)),
            .primary_domain = std::string(row.text(at + 3))};
}

Stored read_row(const store::Row& row) {
    Stored stored;
    UserGrant& grant = stored.grant;
    grant.key = row.i64(0);
    grant.id = directory::display_id(grant.key, row.text(1));
    grant.state = static_cast<State>(row.i64(2));
    grant.roles = project::split_roles(row.text(3));
    grant.stamp = {row.time(4), row.time(5), row.i64(6)};
    grant.project = row.id<ProjectId>(7);
    grant.project_grant = row.i64(8);
    grant.org = org_of(row, 9);
    grant.effective = grant.state == State::active && static_cast<org::State>(row.i64(13)) == org::State::active;
    grant.user = row.id<UserId>(14);
    grant.user_id = directory::display_id(grant.user.key, row.text(15));
    grant.user_name = row.text(16);
    stored.login_scope = row.i64(17);
    grant.user_kind = static_cast<user::Kind>(row.i64(18));
    grant.first_name = row.text(19);
    grant.last_name = row.text(20);
    grant.display_name = row.text(21);
    grant.email = row.text(22);
    grant.avatar = row.text(23);
    grant.user_org = org_of(row, 24);
    return stored;
}

/// What several tables make of a grant: the roles that hold, login names.
Result<std::vector<UserGrant>> finish(store::Reader& db, InstanceScope scope, std::vector<Stored> rows) {
    project::Holdings holdings(db, scope);
    user::Namings namings(db, scope);
    std::vector<UserGrant> grants;
    grants.reserve(rows.size());
    for (Stored& row : rows) {
        UserGrant& grant = row.grant;
        if (const project::Holding* holding = TRY(holdings.of(grant.project, grant.project_grant))) {
            grant.project_id = holding->project.id;
            grant.project_name = holding->project.name;
            grant.project_grant_id = holding->grant_id;
            grant.roles = project::common_roles(grant.roles, holding->roles);
            grant.effective = grant.effective && holding->active;
        } else {
            grant.roles.clear();
            grant.effective = false;
        }
        const user::Naming* naming = TRY(namings.of(grant.user_org.key));
        grant.preferred_login_name = user::login_names(grant.user_name, row.login_scope, *naming).front();
        grants.push_back(std::move(grant));
    }
    return grants;
}

Result<Listed<UserGrant>> list_where(store::Reader& db, InstanceScope scope, const store::Bindings& b, const std::string& where,
                                     std::string_view order, const store::Page& page) {
    store::Page ascending = page;
    ascending.ascending = true;  // as recorded, whatever is asked for
    std::vector<Stored> rows;
    Listed<UserGrant> listed;
    listed.total = TRY(store::run_list(
        db, scope, {.columns = std::string(kColumns), .from = std::string(kFrom), .where = where, .order_by = std::string(order)}, b,
        ascending, [&](const store::Row& row) { rows.push_back(read_row(row)); }));
    listed.rows = TRY(finish(db, scope, std::move(rows)));
    return listed;
}

Result<std::string> where_of(store::Reader& db, const OrgScope& org, store::Bindings& b, const Filter& filter) {
    const InstanceScope scope = org.instance();
    const std::string ours = b.bind(org.org());
    std::vector<std::string> conditions{"g.instance_no = ?1"};
    conditions.push_back(filter.with_granted ? "(g.org_id = " + ours + " OR p.org_id = " + ours + ")" : "g.org_id = " + ours);
    const auto named = [&](std::string_view column, Noun noun, const std::vector<std::string>& ids) -> Result<void> {
        for (const auto& id : ids)
            conditions.push_back(std::string(column) + " = " + b.bind(TRY(directory::resolve(db, scope, noun, id)).value_or(-1)));
        return {};
    };
    const auto matching = [&](store::TextColumn column, const std::vector<directory::TextFilter>& filters) {
        for (const auto& text : filters) conditions.push_back(store::text_condition(b, column, text.method, text.text));
    };
    TRY(named("g.project_id", Noun::project, filter.project_ids));
    TRY(named("g.user_id", Noun::user, filter.user_ids));
    TRY(named("g.project_grant_id", Noun::project_grant, filter.project_grant_ids));
    for (const auto& role : filter.role_keys)
        conditions.push_back(
            TRY(project::role_condition(db, org, b, {.project = "g.project_id", .roles = "g.roles", .grant_roles = "pg.roles"}, role)));
    matching({"o.name", "o.name_key"}, filter.org_names);
    matching({"o.primary_domain", "o.primary_domain"}, filter.org_domains);
    matching({"p.name", "p.name_key"}, filter.project_names);
    for (const auto& query : filter.users) conditions.push_back(TRY(user::condition(db, scope, b, query)));
    return store::all_of(conditions);
}

}  // namespace

Result<std::optional<UserGrant>> find_grant(store::Reader& db, const GrantRef& ref) {
    const InstanceScope scope = ref.org.instance();
    const auto key = TRY(directory::resolve(db, scope, Noun::user_grant, ref.grant_id));
    if (!key) return std::nullopt;
    std::vector<Stored> rows;
    TRY(db.query(
        scope,
        "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE g.instance_no = ?1 AND g.id = ?2 AND g.org_id = ?3",
        {*key, ref.org.org()}, [&](const store::Row& row) { rows.push_back(read_row(row)); }));
    if (rows.empty() || (!ref.user_id.empty() && rows.front().grant.user_id != ref.user_id)) return std::nullopt;
    return std::move(TRY(finish(db, scope, std::move(rows))).front());
}

Result<UserGrant> UserGrants::get(const GrantRef& ref) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<UserGrant> {
        auto found = TRY(find_grant(db, ref));
        if (!found) return fail(Code::not_found, "QUERY-wIPkA", "User grant not found");
        return *std::move(found);
    });
}

Result<Listed<UserGrant>> UserGrants::list(const OrgScope& org, const Filter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Listed<UserGrant>> {
        store::Bindings b;
        const std::string where = TRY(where_of(db, org, b, filter));
        // The order of the index by organization; the last decides between grants of one project in two ways.
        return list_where(db, org.instance(), b, where, "g.project_id, g.user_id, g.project_grant_id", page);
    });
}

Result<Listed<UserGrant>> UserGrants::list_of(InstanceScope scope, UserId user, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Listed<UserGrant>> {
        store::Bindings b;
        const std::string where = "g.instance_no = ?1 AND g.user_id = " + b.bind(user);
        return list_where(db, scope, b, where, "g.project_id, g.project_grant_id, g.org_id", page);
    });
}

}  // namespace godwit::grant
