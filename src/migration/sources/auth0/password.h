// `custom_password_hash` of Auth0's bulk import, as a hash with what declares it.
#pragma once

#include "migration/input/json_fields.h"

namespace godwit::migration {

/// Into the record's password; password.unsupported or password.bad_parameters when it cannot be said.
void map_auth0_password_hash(JsonFields hash, v1::UserRecord& record);

}  // namespace godwit::migration
