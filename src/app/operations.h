// The routes for operators: is it alive, is it ready, how is it doing.
#pragma once

#include <memory>
#include <optional>

#include "transport/http/server.h"

namespace godwit::store {
class Store;
}

namespace godwit::app {

class Metrics;
class Throttle;

class Operations {
public:
    Operations(store::Store& store, Metrics& metrics, const Lanes& lanes, const Throttle& throttle, bool access_log);
    ~Operations();

    /// /healthz, /debug/healthz, /debug/ready, /debug/metrics, /metrics, /robots.txt; answered whatever host the request names.
    std::optional<http::Route> route(const http::Request& request) const;

    /// Counts (and, when asked for, logs) one answered request. Any thread.
    void count(const http::ServerOptions::Access& access);

    /// From now on /debug/ready answers 503: load balancers take the node out before its port closes.
    void begin_shutdown();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::app
