// How often a password or a one-time code was tried (runtime.counters), and what follows from too often.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "store/editor.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Store;
}
namespace godwit::user {
class Users;
}

namespace godwit::signin {

/// counters.kind
enum class Tried { password = 1, code = 2 };

/// The counter of one user's password or codes. It hangs on the user's auth_epoch too: whatever ends sessions (a new password, an unlock
/// after a lock) begins a new count.
class Attempts {
public:
    Attempts(Tried what, store::Store& store, const key::Sealers& sealers, InstanceScope instance, UserId user, std::int64_t auth_epoch)
        : what_(what), store_(store), sealers_(sealers), instance_(instance), user_(user), auth_epoch_(auth_epoch) {}

    /// Counts one more and answers how many there are; with a `window`, within one that began at most so long ago. Where a policy locks,
    /// called before the attempt, so that a thousand at once are a thousand.
    Result<std::uint64_t> count(std::optional<std::chrono::microseconds> window = std::nullopt);
    /// Writes only when something was counted.
    Result<void> reset();

private:
    Result<std::string> subject() const;

    const Tried what_;
    store::Store& store_;
    const key::Sealers& sealers_;
    InstanceScope instance_;
    UserId user_;
    std::int64_t auth_epoch_;
};

/// Locks a user who failed too often; no error when another attempt did it at the same moment.
Result<void> lock_out(user::Users& users, InstanceScope instance, UserId user, const store::Editor& editor);

}  // namespace godwit::signin
