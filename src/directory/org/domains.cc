#include <array>

#include "base/unicode.h"
#include "directory/instance/instances.h"
#include "directory/object/public_id.h"
#include "directory/org/domain_rows.h"
#include "directory/org/orgs.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store.h"

namespace godwit::org {
namespace {

using directory::Change;
using store::Database;

constexpr std::string_view kColumns = "domain, verified, is_primary, validation, created_at, changed_at, version";

Domain read_row(const store::Row& row) {
    return {.name = std::string(row.text(0)),
            .verified = row.flag(1),
            .primary = row.flag(2),
            .validation_type = static_cast<int>(row.i64(3)),
            .stamp = {row.time(4), row.time(5), row.i64(6)}};
}

Result<std::optional<Domain>> find_domain(store::Reader& db, const OrgScope& org, std::string_view name) {
    std::optional<Domain> found;
    TRY(db.query(org.instance(),
                 "SELECT " + std::string(kColumns) + " FROM org_domains WHERE instance_no = ?1 AND org_id = ?2 AND domain = ?3",
                 {org.org(), name}, [&](const store::Row& row) { found = read_row(row); }));
    return found;
}

/// The events of a change to the organization's domains, and its new version.
Result<Change> record(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::span<const std::string_view> types,
                      std::string_view domain) {
    Change change{.at = db.now(), .sequence = 0, .resource_owner = {}};
    TRY(db.query(org.instance(),
                 "UPDATE organizations SET version = version + 1, changed_at = ?3 WHERE instance_no = ?1 AND id = ?2 "
                 "RETURNING version, public_id",
                 {org.org(), db.now()}, [&](const store::Row& row) {
                     change.sequence = row.i64(0);
                     change.resource_owner = directory::display_id(org.org().key, row.text(1));
                 }));
    std::vector<store::Event> events;
    for (const auto type : types)
        events.push_back(store::event_of(editor, "org", org.org().key, type, org.org(), store::EventBody().add("domain", domain).take()));
    TRY(db.append(org.instance(), events));
    TRY(instance::raise_config_version(db, org.instance()));
    return change;
}

Result<Change> record(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view type, std::string_view domain) {
    return record(db, org, editor, std::span(&type, 1), domain);
}

}  // namespace

std::string canonical_domain(std::string_view domain) {
    const auto trimmed = trim_unicode(domain);
    return ascii_host(trimmed).value_or(fold(trimmed));
}

Result<void> insert_domain(store::Writer& db, const OrgScope& org, const Domain& domain) {
    TRY(db.exec(org.instance(),
                "INSERT INTO org_domains (instance_no, org_id, domain, verified, is_primary, validation, created_at, changed_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                {org.org(), domain.name, domain.verified, domain.primary, domain.validation_type, db.now()}));
    return {};
}

Result<void> rename_domain(store::Writer& db, const OrgScope& org, std::string_view from, std::string_view to) {
    const auto renamed = TRY(db.exec(org.instance(),
                                     "UPDATE org_domains SET domain = ?4, changed_at = ?5, version = version + 1 "
                                     "WHERE instance_no = ?1 AND org_id = ?2 AND domain = ?3",
                                     {org.org(), from, to, db.now()}));
    if (renamed == 0) return {};
    TRY(db.exec(org.instance(), "UPDATE organizations SET primary_domain = ?4 WHERE instance_no = ?1 AND id = ?2 AND primary_domain = ?3",
                {org.org(), from, to}));
    return {};
}

Result<std::vector<std::string>> verified_domains(store::Reader& db, const OrgScope& org) {
    std::vector<std::string> domains;
    TRY(db.query(org.instance(),
                 "SELECT domain FROM org_domains WHERE instance_no = ?1 AND org_id = ?2 AND verified = 1 ORDER BY is_primary DESC, domain",
                 {org.org()}, [&](const store::Row& row) { domains.emplace_back(row.text(0)); }));
    return domains;
}

Result<std::optional<OrgId>> owner_of_domain(store::Reader& db, InstanceScope scope, std::string_view domain) {
    std::optional<OrgId> owner;
    TRY(db.query(scope, "SELECT org_id FROM org_domains WHERE instance_no = ?1 AND domain = ?2 AND verified = 1",
                 {canonical_domain(domain)}, [&](const store::Row& row) { owner = row.id<OrgId>(0); }));
    return owner;
}

Result<Change> Orgs::add_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const auto policy = TRY(settings::read<settings::v1::DomainPolicy>(db, org));
        return add_domain(db, org, editor, domain, !policy.value.validate_org_domains());
    });
}

Result<Change> Orgs::add_domain(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view domain,
                                bool verified) {
    const std::string name = canonical_domain(domain);
    if (name.empty() || has_control_characters(name)) return fail(Code::invalid_argument, "ORG-R24hb", "Organisation domain is invalid");
    if (TRY(find_domain(db, org, name))) return fail(Code::already_exists, "V2-e1wse", "the organization has this domain already");
    TRY(directory::unique_as(db.attempt([&] { return insert_domain(db, org, {.name = name, .verified = verified}); }), "V3-DKcYh",
                             "Domain already exists"));
    constexpr std::array<std::string_view, 2> kEvents = {"org.domain.added", "org.domain.verified"};
    return record(db, org, editor, std::span(kEvents).first(verified ? 2 : 1), name);
}

Result<Change> Orgs::remove_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const auto found = TRY(find_domain(db, org, canonical_domain(domain)));
        if (!found) return fail(Code::not_found, "ORG-GDfA3", "Domain doesn't exist on organization");
        if (found->primary) return fail(Code::failed_precondition, "ORG-Sjdi3", "Primary domain must not be deleted");
        TRY(db.exec(org.instance(), "DELETE FROM org_domains WHERE instance_no = ?1 AND org_id = ?2 AND domain = ?3",
                    {org.org(), found->name}));
        return record(db, org, editor, "org.domain.removed", found->name);
    });
}

Result<Change> Orgs::set_primary_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain) {
    return store_.write(Database::directory, [&](store::Writer& db) { return set_primary_domain(db, org, editor, domain); });
}

Result<Change> Orgs::set_primary_domain(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view domain) {
    const auto found = TRY(find_domain(db, org, canonical_domain(domain)));
    if (!found) return fail(Code::not_found, "ORG-GDfA3", "Domain doesn't exist on organization");
    if (!found->verified) return fail(Code::failed_precondition, "ORG-Ggd32", "Domain is not verified");
    if (found->primary) return fail(Code::failed_precondition, "ORG-FfoZO", "Domain is primary already");
    TRY(db.exec(org.instance(),
                "UPDATE org_domains SET is_primary = CASE WHEN domain = ?3 THEN 1 ELSE 0 END, changed_at = ?4, version = version + 1 "
                "WHERE instance_no = ?1 AND org_id = ?2 AND (is_primary = 1 OR domain = ?3)",
                {org.org(), found->name, db.now()}));
    TRY(db.exec(org.instance(), "UPDATE organizations SET primary_domain = ?3 WHERE instance_no = ?1 AND id = ?2",
                {org.org(), found->name}));
    return record(db, org, editor, "org.domain.primary.set", found->name);
}

Result<directory::Listed<Domain>> Orgs::domains(const OrgScope& org, const std::vector<directory::TextFilter>& names,
                                                const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Domain>> {
        directory::Listed<Domain> listed;
        store::Bindings b;
        std::vector<std::string> conditions{"instance_no = ?1", "org_id = " + b.bind(org.org())};
        for (const auto& name : names) conditions.push_back(store::text_condition(b, {"domain", "domain"}, name.method, name.text));
        listed.total = TRY(store::run_list(
            db, org.instance(),
            {.columns = std::string(kColumns), .from = "org_domains", .where = store::all_of(conditions), .order_by = "created_at, domain"},
            b, page, [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
        return listed;
    });
}

}  // namespace godwit::org
