// Whether whoever made a call may still make it: of calls that last longer than a token or a right may.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "base/result.h"

namespace godwit::api {

/// One thread at a time.
class StillAllowed {
public:
    static constexpr std::chrono::seconds kAskAgain{3};

    explicit StillAllowed(std::function<Result<void>()> check) : check_(std::move(check)) {}

    /// Looks every few seconds, and in between answers yes. Errors: unauthenticated (the token has expired or was taken back),
    /// permission_denied; a look that fails for another reason says nothing.
    Result<void> ask() {
        if (Clock::now() - asked_ < kAskAgain) return {};
        asked_ = Clock::now();
        auto allowed = check_();
        const bool refused = !allowed && (allowed.error().code == Code::unauthenticated || allowed.error().code == Code::permission_denied);
        return refused ? allowed : Result<void>();
    }

private:
    using Clock = std::chrono::steady_clock;
    const std::function<Result<void>()> check_;
    Clock::time_point asked_ = Clock::now();
};

}  // namespace godwit::api
