// A job as a person asks for it: what it names of the instance is looked for, its organization made where that is wanted.
#pragma once

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

class Jobs;
struct JobRow;
struct NewJob;

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

/// The job that has the idempotency key, or a new one. `organization`: its id, verified domain or name; "": wanted.org, which a job that is
/// not instance-wide must be for. What the maps of a new one lead to must be here, as it would be lost of each record; where records may
/// name other organizations, somewhere in the instance. Nothing is made for a job that is refused. Errors: those of complete(), find_org()
/// and Jobs::create(); not_found MIGRATE-Org02 (`org_map`), MIGRATE-Map01 (`idp_map`), MIGRATE-Map02 (`role_map`).
Result<JobRow> make_job(store::Store& store, org::Orgs& orgs, Jobs& jobs, InstanceScope instance, NewJob wanted,
                        std::string_view organization, const store::Editor& editor);

}  // namespace godwit::migration
