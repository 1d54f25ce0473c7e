// Users who came from another system, as external_refs knows them (migration/engine/user_state.h).
#pragma once

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Store;
}

namespace godwit::user {

/// The user has signed in here: the state of each source that brought them says so from now on. Writes the first time only.
Result<void> note_signed_in(store::Store& store, InstanceScope instance, UserId user);

}  // namespace godwit::user
