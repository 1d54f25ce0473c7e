// What the protocol leaves behind and nobody needs any more. For a job that runs now and then.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/result.h"

namespace godwit {
class Clock;
}
namespace godwit::store {
class Store;
}

namespace godwit::oidc {

/// Deletes up to 1,000 rows each of requests, revocations and one-time marks whose end has passed. Answers how many went; ask again while
/// that is not 0.
Result<std::int64_t> purge_expired(store::Store& store, InstanceScope scope);
/// The same of token families, which are found by a walk over all that live.
Result<std::int64_t> purge_families(store::Store& store, const Clock& clock, InstanceScope scope);

}  // namespace godwit::oidc
