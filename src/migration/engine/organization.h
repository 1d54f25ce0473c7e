// The organization that a job is for, as a person says it.
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

/// By id, verified domain or name; made by this name when `create`. not_found MIGRATE-Org01.
Result<OrgId> find_org(store::Store& store, org::Orgs& orgs, InstanceScope instance, std::string_view text, bool create,
                       const store::Editor& editor);

/// Whether all organizations are here that a job's `org_map` leads to. not_found MIGRATE-Org02.
Result<void> check_org_map(store::Store& store, InstanceScope instance, const v1::JobOptions& options);

}  // namespace godwit::migration
