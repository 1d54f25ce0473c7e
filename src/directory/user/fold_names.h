// The folded names of users that a program of schema version 1 wrote (users.display_key IS NULL).
#pragma once

#include <span>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Store;
}

namespace godwit::user {

/// Fills them in, a thousand users a transaction; at each start, since nodes of the release before may have written
/// until then. Costs one look into an index where there are none. Errors: those of the store.
Result<void> fold_names(store::Store& store, std::span<const InstanceScope> instances);

}  // namespace godwit::user
