// What a merge will do, found out before anything is written: a rehearsal ends here. Internal to this folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/project/holding.h"
#include "directory/user/merge.h"
#include "directory/user/new_user.h"
#include "directory/user/row.h"

namespace godwit::crypto {
class Sealer;
}

namespace godwit::user {

struct MergePlan {
    std::vector<std::string> lost;  ///< see Merged
    bool factors = false;           ///< the user has none: those of the record come, but for passkeys of somebody else
    std::vector<NewPasskey> passkeys;
    std::vector<std::pair<NewIdpLink, IdpId>> links;  ///< and the provider's key
    std::vector<NewMachineKey> machine_keys;
    std::vector<std::pair<project::Holding, project::RoleKeys>> grants;  ///< roles sorted
};

/// Errors: failed_precondition USER-Mrg01 when one is a person and the other a machine.
Result<MergePlan> plan_merge(store::Reader& db, const OrgScope& org, const UserRow& row, const NewUser& given, const MergeOptions& options,
                             const crypto::Sealer& sealer);

}  // namespace godwit::user
