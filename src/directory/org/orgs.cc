#include "directory/org/orgs.h"

#include <array>

#include "base/unicode.h"
#include "directory/instance/instances.h"
#include "directory/object/public_id.h"
#include "directory/org/domain_rows.h"
#include "store/store.h"

namespace godwit::org {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

constexpr std::string_view kTaken = "Organisation's name or id already taken";
constexpr std::string_view kColumns = "o.id, o.public_id, o.name, o.state, o.primary_domain, o.created_at, o.changed_at, o.version";

Org read_row(const store::Row& row) {
    return {.key = row.id<OrgId>(0),
            .id = directory::display_id(row.i64(0), row.text(1)),
            .name = std::string(row.text(2)),
            .state = static_cast<State>(row.i64(3)),
            .primary_domain = std::string(row.text(4)),
            .stamp = {row.time(5), row.time(6), row.i64(7)}};
}

Result<Org> must_find(store::Reader& db, const OrgScope& org) {
    auto found = TRY(find_org(db, org));
    if (!found) return fail(Code::not_found, "QUERY-iTTGJ", "Organisation not found");
    return *std::move(found);
}

/// Conditions of one kind are alternatives only in the sense of the contract: all of them hold.
std::string where_of(store::Bindings& b, const Filter& filter) {
    std::vector<std::string> conditions{"o.instance_no = ?1"};
    for (const auto& name : filter.names) conditions.push_back(store::text_condition(b, {"o.name", "o.name_key"}, name.method, name.text));
    for (const auto& domain : filter.domains)
        conditions.push_back(store::text_condition(b, {"o.primary_domain", "o.primary_domain"}, domain.method, domain.text));
    for (const auto state : filter.states) conditions.push_back("o.state = " + b.bind(static_cast<std::int64_t>(state)));
    return store::all_of(conditions);
}

}  // namespace

Orgs::Orgs(store::Store& store, const instance::Instances& instances) : store_(store), instances_(instances) {}

Result<std::optional<Org>> find_org(store::Reader& db, const OrgScope& org) {
    std::optional<Org> found;
    TRY(db.query(org.instance(), "SELECT " + std::string(kColumns) + " FROM organizations o WHERE o.instance_no = ?1 AND o.id = ?2",
                 {org.org()}, [&](const store::Row& row) { found = read_row(row); }));
    return found;
}

Result<std::optional<Org>> find_org(store::Reader& db, InstanceScope scope, std::string_view id) {
    const auto key = TRY(directory::resolve_as<OrgId>(db, scope, Noun::organization, id));
    if (!key) return std::nullopt;
    return find_org(db, OrgScope(scope, *key));
}

Result<Org> Orgs::create(InstanceScope scope, const store::Editor& editor, const NewOrg& wanted) {
    return store_.write(Database::directory, [&](store::Writer& db) { return create(db, scope, editor, wanted); });
}

Result<Org> Orgs::create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const NewOrg& wanted) {
    if (wanted.id && TRY(directory::resolve(db, scope, Noun::organization, *wanted.id)))
        return fail(Code::already_exists, "ORG-lapo2n", "an organization with this id exists already");
    const auto id = TRY(directory::make_id(db, wanted.id));
    const std::string domain = TRY(generated_domain(wanted.name, TRY(instances_.primary_host(db, scope))));
    const OrgScope org(scope, OrgId(id.key));

    TRY(directory::unique_as(db.attempt([&]() -> Result<void> {
        TRY(db.exec(
            scope,
            "INSERT INTO organizations (instance_no, id, public_id, public_id_key, name, name_key, state, primary_domain, created_at, "
            "changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
            {id.key, id.public_id, id.public_id_key, wanted.name, fold(wanted.name), static_cast<int>(State::active), domain, db.now()}));
        return insert_domain(db, org, {.name = domain, .verified = true, .primary = true});
    }),
                             "V3-DKcYh", kTaken));
    const std::array events = {
        store::event_of(editor, "org", id.key, "org.added", org.org(), store::EventBody().add("name", wanted.name).take()),
        store::event_of(editor, "org", id.key, "org.domain.added", org.org(), store::EventBody().add("domain", domain).take()),
        store::event_of(editor, "org", id.key, "org.domain.verified", org.org(), store::EventBody().add("domain", domain).take()),
        store::event_of(editor, "org", id.key, "org.domain.primary.set", org.org(), store::EventBody().add("domain", domain).take()),
    };
    TRY(db.append(scope, events));
    return Org{.key = org.org(),
               .id = id.shown(),
               .name = wanted.name,
               .state = State::active,
               .primary_domain = domain,
               .stamp = {db.now(), db.now(), 1}};
}

Result<Org> Orgs::get(const OrgScope& org) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return must_find(db, org); });
}

Result<std::optional<Org>> Orgs::find(InstanceScope scope, std::string_view id) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return find_org(db, scope, id); });
}

Result<std::optional<Org>> Orgs::find_by_domain(InstanceScope scope, std::string_view domain) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<std::optional<Org>> {
        const auto owner = TRY(owner_of_domain(db, scope, domain));
        if (!owner) return std::nullopt;
        auto org = TRY(find_org(db, OrgScope(scope, *owner)));
        if (org && org->primary_domain != canonical_domain(domain)) return std::nullopt;
        return org;
    });
}

Result<directory::Listed<Org>> Orgs::list(InstanceScope scope, const Filter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Org>> {
        directory::Listed<Org> listed;
        store::Bindings b;
        std::string where = where_of(b, filter);
        for (const auto& id : filter.ids) {
            const auto key = TRY(directory::resolve(db, scope, Noun::organization, id));
            where += " AND o.id = " + b.bind(key.value_or(0));
        }
        listed.total = TRY(store::run_list(db, scope,
                                           {.columns = std::string(kColumns),
                                            .from = "organizations o",
                                            .where = where,
                                            .order_by = filter.sort_by_name ? "o.name_key" : "o.id"},
                                           b, page, [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
        return listed;
    });
}

Result<bool> Orgs::is_unique(InstanceScope scope, std::string_view name, std::string_view domain) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<bool> {
        bool taken = false;
        if (!name.empty()) {
            TRY(db.query(scope, "SELECT 1 FROM organizations WHERE instance_no = ?1 AND name_key = ?2", {fold(name)},
                         [&](const store::Row&) { taken = true; }));
        }
        if (!domain.empty() && TRY(owner_of_domain(db, scope, domain))) taken = true;
        return !taken;
    });
}

Result<Change> Orgs::rename(const OrgScope& scope, const store::Editor& editor, std::string_view name) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Org org = TRY(must_find(db, scope));
        if (org.name == name) return fail(Code::failed_precondition, "ORG-4VSdf", "Organisation not changed");

        const std::string host = TRY(instances_.primary_host(db, scope.instance()));
        const std::string domain = TRY(generated_domain(name, host));
        const auto old_domain = generated_domain(org.name, host);
        Change change{.at = db.now(), .sequence = 0, .resource_owner = org.id};
        TRY(directory::unique_as(db.attempt([&]() -> Result<void> {
            TRY(db.query(scope.instance(),
                         "UPDATE organizations SET name = ?3, name_key = ?4, changed_at = ?5, version = version + 1 "
                         "WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                         {org.key, name, fold(name), db.now()}, [&](const store::Row& row) { change.sequence = row.i64(0); }));
            if (!old_domain || *old_domain == domain) return {};
            return rename_domain(db, scope, *old_domain, domain);
        }),
                                 "V3-DKcYh", kTaken));
        TRY(db.append(scope.instance(), store::event_of(editor, "org", org.key.key, "org.changed", org.key,
                                                        store::EventBody().add("name", name).add("domain", domain).take())));
        TRY(instance::raise_config_version(db, scope.instance()));
        return change;
    });
}

Result<Change> Orgs::deactivate(const OrgScope& org, const store::Editor& editor) {
    return set_state(org, editor, State::inactive, Error{Code::failed_precondition, "EVENT-Dbs2g", "Organisation is already deactivated"},
                     "org.deactivated");
}

Result<Change> Orgs::reactivate(const OrgScope& org, const store::Editor& editor) {
    return set_state(org, editor, State::active, Error{Code::failed_precondition, "EVENT-bfnrh", "Organisation is already active"},
                     "org.reactivated");
}

Result<Change> Orgs::set_state(const OrgScope& scope, const store::Editor& editor, State to, const Error& already, std::string_view event) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Org org = TRY(must_find(db, scope));
        if (org.state == to) return fail(already);
        Change change{.at = db.now(), .sequence = 0, .resource_owner = org.id};
        TRY(db.query(scope.instance(),
                     "UPDATE organizations SET state = ?3, changed_at = ?4, version = version + 1 WHERE instance_no = ?1 AND id = ?2 "
                     "RETURNING version",
                     {org.key, static_cast<int>(to), db.now()}, [&](const store::Row& row) { change.sequence = row.i64(0); }));
        TRY(db.append(scope.instance(), store::event_of(editor, "org", org.key.key, event, org.key)));
        TRY(instance::raise_config_version(db, scope.instance()));
        return change;
    });
}

}  // namespace godwit::org
