// How often a password was tried (runtime.counters).
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Store;
}

namespace godwit::signin {

/// The counter of one user's password. It hangs on the user's auth_epoch too: whatever ends sessions (a new password, an unlock after a
/// lock) begins a new count.
class Attempts {
public:
    Attempts(store::Store& store, const key::Sealers& sealers, InstanceScope instance, UserId user, std::int64_t auth_epoch)
        : store_(store), sealers_(sealers), instance_(instance), user_(user), auth_epoch_(auth_epoch) {}

    /// Counts one more and answers how many there are. Where a policy locks, called before the attempt, so that a thousand at once are a
    /// thousand.
    Result<std::uint64_t> count();
    /// Writes only when something was counted.
    Result<void> reset();

private:
    Result<std::string> subject() const;

    store::Store& store_;
    const key::Sealers& sealers_;
    InstanceScope instance_;
    UserId user_;
    std::int64_t auth_epoch_;
};

}  // namespace godwit::signin
