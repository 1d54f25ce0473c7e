// Ends what was signed in and given out until now, in every instance: after a restore, whose past would otherwise come back to life, or
// after a theft.
#pragma once

#include "base/result.h"
#include "store/store.h"

namespace godwit::maintenance {

/// Dead from now on: access tokens, refresh tokens, sessions, authorization codes and requests under way, client assertions made before,
/// codes sent to people; personal access tokens too, unless `keep_personal`. Passwords, keys and secrets of machines and applications
/// stay as they are. A JWT checked by its signature alone lives until it expires: nobody asks us.
/// The epoch is now, or the time of the last event when the clock is behind it. Nodes that run see it with their next request.
Result<void> raise_token_epoch(store::Store& store, bool keep_personal);

}  // namespace godwit::maintenance
