#include "migration/engine/targets.h"

#include <algorithm>

#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "directory/project/role_list.h"
#include "store/schema/parameters.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

using directory::Noun;

/// What an administrator changes meanwhile is seen after this; the write itself checks what must hold.
constexpr std::chrono::seconds kMemory{2};
/// A file of a million organizations does not fill memory.
constexpr std::size_t kMaxRemembered = 10'000;

std::string key_of(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) key.append(part) += '\0';
    return key;
}

/// They come from foreign files: what no store keeps is the name of nothing, and no reason to end a run.
bool can_be_names(std::initializer_list<std::string_view> texts) { return std::ranges::all_of(texts, store::schema::is_storable_text); }

/// The one row that a query answers; nullopt when it answers none, or several.
Result<std::optional<std::int64_t>> only_one(store::Reader& db, InstanceScope instance, std::string_view sql, store::Params params) {
    std::optional<std::int64_t> found;
    const auto rows = TRY(db.query(instance, sql, params, [&](const store::Row& row) { found = row.i64(0); }));
    return rows == 1 ? found : std::nullopt;
}

Result<std::optional<OrgId>> find_org_by_name(store::Reader& db, InstanceScope instance, std::string_view name) {
    const auto found =
        TRY(only_one(db, instance, "SELECT id FROM organizations WHERE instance_no = ?1 AND name_key = ?2 AND state <> 3", {fold(name)}));
    return found ? std::optional(OrgId(*found)) : std::nullopt;
}

Result<std::optional<OrgId>> find_org(store::Reader& db, InstanceScope instance, std::string_view id, std::string_view domain,
                                      std::string_view name) {
    if (!id.empty()) {
        if (const auto found = TRY(directory::resolve_as<OrgId>(db, instance, Noun::organization, id))) return found;
    }
    if (!domain.empty()) {
        const auto host = ascii_host(domain);
        if (host) {
            if (const auto found = TRY(org::owner_of_domain(db, instance, *host))) return found;
        }
    }
    return name.empty() ? std::nullopt : TRY(find_org_by_name(db, instance, name));
}

Result<std::optional<RoleSource>> roles_of(store::Reader& db, InstanceScope instance, std::int64_t project, OrgId org) {
    RoleSource out;
    std::int64_t owner = 0;
    TRY(db.query(instance, "SELECT org_id, public_id FROM projects WHERE instance_no = ?1 AND id = ?2 AND state = 1", {project},
                 [&](const store::Row& row) {
                     owner = row.i64(0);
                     out.project_id = directory::display_id(project, row.text(1));
                 }));
    if (owner == 0) return std::nullopt;
    const bool own = owner == org.key;
    std::set<std::string, std::less<>> granted;
    if (!own) {
        const auto grants = TRY(db.query(instance,
                                         "SELECT id, public_id, roles FROM project_grants WHERE instance_no = ?1 AND project_id = ?2 AND "
                                         "granted_org_id = ?3 AND state = 1",
                                         {project, org}, [&](const store::Row& row) {
                                             out.project_grant_id = directory::display_id(row.i64(0), row.text(1));
                                             for (std::string& role : project::split_roles(row.text(2))) granted.insert(std::move(role));
                                         }));
        if (grants == 0) return std::nullopt;
    }
    TRY(db.query(instance, "SELECT role_key FROM project_roles WHERE instance_no = ?1 AND project_id = ?2", {project},
                 [&](const store::Row& row) {
                     if (own || granted.contains(row.text(0))) out.roles.emplace(row.text(0));
                 }));
    return out;
}

Result<std::optional<std::int64_t>> find_project(store::Reader& db, InstanceScope instance, OrgId org, std::string_view id_or_name,
                                                 std::optional<OrgId> owner) {
    if (const auto found = TRY(directory::resolve(db, instance, Noun::project, id_or_name))) return found;
    const std::string key = fold(id_or_name);
    if (!owner || *owner == org) {
        const auto own =
            TRY(only_one(db, instance, "SELECT id FROM projects WHERE instance_no = ?1 AND org_id = ?2 AND name_key = ?3", {org, key}));
        if (own) return own;
    }
    return only_one(db, instance,
                    "SELECT p.id FROM project_grants g JOIN projects p ON p.instance_no = g.instance_no AND p.id = g.project_id "
                    "WHERE g.instance_no = ?1 AND g.granted_org_id = ?2 AND p.name_key = ?3 AND (?4 = 0 OR p.org_id = ?4)",
                    {org, key, owner.value_or(OrgId{})});
}

}  // namespace

std::pair<std::string_view, std::string_view> split_mapped_role(std::string_view target) {
    const auto slash = target.rfind('/');
    if (slash == std::string_view::npos) return {"", target};
    return {target.substr(0, slash), target.substr(slash + 1)};
}

template <class T, class Find>
Result<T> Targets::remember(std::map<std::string, T, std::less<>>& known, std::string key, Find find) {
    if (Clock::now() - since_ > kMemory || known.size() > kMaxRemembered) forget();
    if (const auto found = known.find(key); found != known.end()) return found->second;
    T value = TRY(store_.read(store::Database::directory, find));
    return known.insert_or_assign(std::move(key), std::move(value)).first->second;
}

void Targets::forget() {
    orgs_.clear();
    idps_.clear();
    projects_.clear();
    since_ = Clock::now();
}

Result<std::optional<OrgId>> Targets::org(std::string_view id, std::string_view domain, std::string_view name) {
    return remember(orgs_, key_of({id, domain, name}), [&](store::Reader& db) -> Result<std::optional<OrgId>> {
        if (!can_be_names({id, domain, name})) return std::nullopt;
        return find_org(db, instance_, id, domain, name);
    });
}

Result<std::optional<std::string>> Targets::idp(OrgId org, std::string_view id_or_name) {
    return remember(idps_, key_of({std::to_string(org.key), id_or_name}), [&](store::Reader& db) -> Result<std::optional<std::string>> {
        if (!can_be_names({id_or_name})) return std::nullopt;
        auto key = TRY(directory::resolve(db, instance_, Noun::idp, id_or_name));
        if (!key) {
            key = TRY(only_one(db, instance_,
                               "SELECT id FROM idps WHERE instance_no = ?1 AND owner_id IN (0, ?2) AND name = ?3 ORDER BY id LIMIT 2",
                               {org, id_or_name}));
        }
        if (!key) return std::nullopt;
        std::optional<std::string> shown;
        TRY(db.query(instance_, "SELECT public_id FROM idps WHERE instance_no = ?1 AND id = ?2 AND owner_id IN (0, ?3)", {*key, org},
                     [&](const store::Row& row) { shown = directory::display_id(*key, row.text(0)); }));
        return shown;
    });
}

Result<std::optional<RoleSource>> Targets::project(OrgId org, std::string_view id_or_name, std::string_view granted_by) {
    return remember(projects_, key_of({std::to_string(org.key), id_or_name, granted_by}),
                    [&](store::Reader& db) -> Result<std::optional<RoleSource>> {
                        if (!can_be_names({id_or_name, granted_by})) return std::nullopt;
                        std::optional<OrgId> owner;
                        if (!granted_by.empty()) {
                            owner = TRY(find_org(db, instance_, granted_by, "", granted_by));
                            if (!owner) return std::nullopt;
                        }
                        const auto project = TRY(find_project(db, instance_, org, id_or_name, owner));
                        if (!project) return std::nullopt;
                        return roles_of(db, instance_, *project, org);
                    });
}

Result<bool> Targets::knows_idp(std::string_view id_or_name) {
    if (!can_be_names({id_or_name})) return false;
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<bool> {
        if (TRY(directory::resolve(db, instance_, Noun::idp, id_or_name))) return true;
        return TRY(db.query(instance_, "SELECT 1 FROM idps WHERE instance_no = ?1 AND name = ?2 LIMIT 1", {id_or_name},
                            [](const store::Row&) {})) > 0;
    });
}

Result<bool> Targets::knows_role(std::string_view project, std::string_view role) {
    if (!can_be_names({project, role})) return false;
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<bool> {
        const auto by_id = TRY(directory::resolve(db, instance_, Noun::project, project));
        return TRY(db.query(instance_,
                            "SELECT 1 FROM projects p JOIN project_roles r ON r.instance_no = p.instance_no AND r.project_id = p.id "
                            "WHERE p.instance_no = ?1 AND (p.id = ?2 OR p.name_key = ?3) AND p.state = 1 AND r.role_key = ?4 LIMIT 1",
                            {by_id.value_or(0), fold(project), role}, [](const store::Row&) {})) > 0;
    });
}

}  // namespace godwit::migration
