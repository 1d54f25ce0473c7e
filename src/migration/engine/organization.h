// What a job names of the instance when it is made: its organization, and what its maps lead to.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "godwit/migration/v1/migration.pb.h"
#include "store/editor.h"

namespace godwit::org {
class Orgs;
}
namespace godwit::store {
class Store;
}

namespace godwit::migration {

/// What becomes of an organization that is not there.
enum class UnknownOrg {
    refused,
    made,
    rehearsed,  ///< in the instance's default organization, whose policies are the likeliest to be those of a new one
};
/// As a job's options say it (--create-org, --dry-run).
UnknownOrg unknown_org(const v1::JobOptions& options);

/// By id, verified domain or name. not_found MIGRATE-Org01.
Result<OrgId> find_org(store::Store& store, org::Orgs& orgs, InstanceScope instance, std::string_view text, UnknownOrg unknown,
                       const store::Editor& editor);

/// Whether all is here that a job's maps lead to: what is not would be lost of each record. `only`: the organization that the job may write
/// to; nullopt: any, as records may name others than the job does. not_found MIGRATE-Org02 (`org_map`), MIGRATE-Map01 (`idp_map`),
/// MIGRATE-Map02 (`role_map`).
Result<void> check_maps(store::Store& store, InstanceScope instance, std::optional<OrgId> only, const v1::JobOptions& options);

}  // namespace godwit::migration
