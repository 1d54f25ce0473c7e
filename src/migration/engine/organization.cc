#include "migration/engine/organization.h"

#include <string>

#include "directory/org/orgs.h"
#include "migration/engine/targets.h"

namespace godwit::migration {

Result<OrgId> find_org(store::Store& store, org::Orgs& orgs, InstanceScope instance, std::string_view text, bool create,
                       const store::Editor& editor) {
    Targets targets(store, instance);
    if (const auto found = TRY(targets.org(text, text, text))) return *found;
    if (!create)
        return fail(Code::not_found, "MIGRATE-Org01",
                    "no organization has the id, verified domain or name \"" + std::string(text) + "\"; createOrg (--create-org) makes it");
    return TRY(orgs.create(instance, editor, {.name = std::string(text)})).key;
}

Result<void> check_org_map(store::Store& store, InstanceScope instance, const v1::JobOptions& options) {
    Targets targets(store, instance);
    for (const auto& [from, to] : options.org_map()) {
        if (TRY(targets.org(to, to, to))) continue;
        return fail(Code::not_found, "MIGRATE-Org02",
                    "org-map \"" + from + " = " + to + "\": no organization has the id, verified domain or name \"" + to + "\"");
    }
    return {};
}

}  // namespace godwit::migration
