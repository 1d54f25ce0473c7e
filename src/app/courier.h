// What must happen soon, without anybody asking: applications hear of sessions that have ended, and the I/O threads know the issuers that
// other nodes have made.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace godwit::oidc {
class Provider;
}

namespace godwit::app {

/// A thread of its own while it lives, on every node.
class Courier {
public:
    explicit Courier(oidc::Provider& provider);
    ~Courier();

private:
    void run(const std::stop_token& stop);

    oidc::Provider& provider_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace godwit::app
