// gRPC's health service (https://grpc.io/docs/guides/health-checking/), for load balancers and clients that ask before they call.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "transport/rpc/registry.h"

namespace godwit::rpc {

class Health {
public:
    /// `ready` says whether calls can be served; asked on workers, and once a second on a thread of ours while somebody watches.
    explicit Health(std::function<bool()> ready);
    /// Asks `ready` no more. Streams may outlive it.
    ~Health();

    /// Check and Watch; they know the services of `registry`.
    void register_on(Registry& registry);

    /// From now on nothing is served: watchers are told so, and their streams end.
    void begin_shutdown();

private:
    class Board;
    class Watching;

    void observe(const std::stop_token& stop);

    const std::function<bool()> ready_;
    const std::shared_ptr<Board> board_;
    std::once_flag observed_;
    std::jthread observer_;
};

}  // namespace godwit::rpc
