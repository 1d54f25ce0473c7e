// ZITADEL's export (`POST /admin/v1/export`) and the file its import takes, in both shapes (data_orgs, data_orgsv1) and both name styles.
#pragma once

#include "migration/sources/source.h"

namespace godwit::migration {

SourceKind zitadel_kind();

/// One user with everything the file says of them: organizations as the export has them, separated by commas. The first holds the user,
/// alone in `humanUsers` or `machineUsers`, and what belongs to them; further ones name the projects that were granted to it.
Result<v1::UserRecord> map_zitadel_user(std::string_view organizations);

}  // namespace godwit::migration
