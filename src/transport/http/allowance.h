// A bound on how often a client may do something that costs it nothing.
#pragma once

#include <algorithm>
#include <chrono>

#include "transport/http/exchange.h"

namespace godwit::http {

/// So many at once, and so many a second.
class Allowance {
public:
    Allowance(double burst, double per_second, SteadyTime now) : burst_(burst), per_second_(per_second), left_(burst), since_(now) {}
    /// False when there were too many.
    bool take(SteadyTime now, double amount) {
        const double seconds = std::chrono::duration<double>(now - since_).count();
        since_ = now;
        left_ = std::min(burst_, left_ + seconds * per_second_) - amount;
        return left_ >= 0;
    }

private:
    const double burst_, per_second_;
    double left_;
    SteadyTime since_;
};

}  // namespace godwit::http
