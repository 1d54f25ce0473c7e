// The sessions of a user that is no more.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "store/editor.h"

namespace godwit::store {
class Store;
}

namespace godwit::session {

/// Ends every session of a user that was removed. The user is a row of the other database, so this is a transaction of its own; where a
/// removal was interrupted before it, Sessions::list calls this for whom it meets.
Result<void> terminate_all_of(store::Store& store, InstanceScope instance, UserId user, const store::Editor& editor);

}  // namespace godwit::session
