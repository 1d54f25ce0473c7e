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
                    "no organization has the id, verified domain or name \"" + std::string(text) + "\"; --create-org makes it");
    return TRY(orgs.create(instance, editor, {.name = std::string(text)})).key;
}

}  // namespace godwit::migration
