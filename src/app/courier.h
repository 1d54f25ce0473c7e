// What must happen soon, without anybody asking: applications hear of sessions that have ended, the I/O threads know the issuers that other
// nodes have made, and discovery and key sets are at hand before they are asked for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace godwit::oidc {
class Provider;
}

namespace godwit::app {

/// Threads of its own while it lives, on every node: one waits for applications, and what is read anew must not wait for them.
class Courier {
public:
    explicit Courier(oidc::Provider& provider);
    ~Courier();

private:
    /// Does it again and again: at once when there may be more to do, else a second later.
    using Step = std::function<Result<bool>()>;
    void repeat(const std::stop_token& stop, std::chrono::seconds after_failure, const Step& step);

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread tells_, reads_;
};

}  // namespace godwit::app
