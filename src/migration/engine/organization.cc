#include "migration/engine/organization.h"

#include <optional>
#include <string>

#include "directory/org/orgs.h"
#include "migration/engine/jobs.h"
#include "migration/engine/targets.h"
#include "store/store.h"

namespace godwit::migration {

namespace {

std::unexpected<Error> no_org(std::string_view text) {
    return fail(Code::not_found, "MIGRATE-Org01",
                "no organization has the id, verified domain or name \"" + std::string(text) + "\"; createOrg (--create-org) makes it");
}

/// nullopt: the instance has none.
Result<std::optional<OrgId>> default_org(store::Store& store, InstanceScope instance) {
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<OrgId>> {
        std::optional<OrgId> out;
        TRY(db.query(instance, "SELECT default_org_id FROM instances WHERE instance_no = ?1", {}, [&](const store::Row& row) {
            if (row.i64(0) != 0) out = row.id<OrgId>(0);
        }));
        return out;
    });
}

/// `what` nobody has under the name on the right.
std::unexpected<Error> leads_nowhere(const char* id, std::string_view map, const std::string& from, const std::string& to,
                                     std::string_view what) {
    return fail(Code::not_found, id, std::string(map) + " \"" + from + " = " + to + "\": no " + std::string(what) + " \"" + to + "\"");
}

/// `only`: the organization that the job may write to; nullopt: any.
Result<void> check_maps(store::Store& store, InstanceScope instance, std::optional<OrgId> only, const v1::JobOptions& options) {
    Targets targets(store, instance);
    for (const auto& [from, to] : options.org_map()) {
        // To who may write to one organization only, the others are not there anyway.
        if (only || TRY(targets.org(to, to, to))) continue;
        return leads_nowhere("MIGRATE-Org02", "org-map", from, to, "organization has the id, verified domain or name");
    }
    for (const auto& [from, to] : options.idp_map()) {
        if (only ? TRY(targets.idp(*only, to)).has_value() : TRY(targets.knows_idp(to))) continue;
        return leads_nowhere("MIGRATE-Map01", "idp-map", from, to, "identity provider has the id or name");
    }
    for (const auto& [from, to] : options.role_map()) {
        const auto [project, role] = split_mapped_role(to);
        const auto held = only ? TRY(targets.project(*only, project, "")) : std::nullopt;
        if (only ? held && held->roles.contains(role) : TRY(targets.knows_role(project, role))) continue;
        return leads_nowhere("MIGRATE-Map02", "role-map", from, to, "project gives the role");
    }
    return {};
}

}  // namespace

UnknownOrg unknown_org(const v1::JobOptions& options) {
    if (!options.create_org()) return UnknownOrg::refused;
    return options.dry_run() ? UnknownOrg::rehearsed : UnknownOrg::made;
}

Result<OrgId> find_org(store::Store& store, org::Orgs& orgs, InstanceScope instance, std::string_view text, UnknownOrg unknown,
                       const store::Editor& editor) {
    Targets targets(store, instance);
    if (const auto found = TRY(targets.org(text, text, text))) return *found;
    if (unknown == UnknownOrg::refused) return no_org(text);
    if (unknown == UnknownOrg::rehearsed) {
        if (const auto likeliest = TRY(default_org(store, instance))) return *likeliest;
        return no_org(text);
    }
    return TRY(orgs.create(instance, editor, {.name = std::string(text)})).key;
}

Result<JobRow> make_job(store::Store& store, org::Orgs& orgs, Jobs& jobs, InstanceScope instance, NewJob wanted,
                        std::string_view organization, const store::Editor& editor) {
    wanted = TRY(complete(std::move(wanted)));
    const auto only = wanted.instance_wide ? std::nullopt : std::optional(wanted.org);
    const bool known = !wanted.idempotency_key.empty() && TRY(jobs.find_by_key(instance, wanted.idempotency_key));
    if (!known) TRY(check_maps(store, instance, only, wanted.options));
    if (only && !organization.empty()) {
        if (TRY(Targets(store, instance).org(organization, organization, organization)) != only)
            return fail(Code::not_found, "MIGRATE-Org01",
                        "no organization of yours has the id, verified domain or name \"" + std::string(organization) + "\"");
    } else if (!organization.empty()) {
        auto unknown = unknown_org(wanted.options);
        if (known && unknown == UnknownOrg::made) unknown = UnknownOrg::refused;
        wanted.org = TRY(find_org(store, orgs, instance, organization, unknown, editor));
    }
    return jobs.create(instance, wanted, editor);
}

}  // namespace godwit::migration
