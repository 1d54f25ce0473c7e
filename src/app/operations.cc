#include "app/operations.h"

#include <atomic>

#include "app/metrics.h"
#include "app/throttle.h"
#include "base/log.h"
#include "store/store.h"

namespace godwit::app {
namespace {

http::Response json(int status, std::string_view body) { return http::text_response(status, std::string(body), "application/json"); }

}  // namespace

struct Operations::Impl {
    http::Response ready() const {
        if (stopping) return json(503, "\"shutting down\"");
        if (!store.ping()) return json(503, "\"the database does not answer\"");
        return json(200, "\"ok\"");
    }
    http::Response metrics() {
        return http::text_response(200, counts.text(lanes, throttle, store.engine()), "text/plain; version=0.0.4; charset=utf-8");
    }

    store::Store& store;
    Metrics& counts;
    const Lanes& lanes;
    const Throttle& throttle;
    const bool access_log;
    std::atomic<bool> stopping = false;
};

Operations::Operations(store::Store& store, Metrics& metrics, const Lanes& lanes, const Throttle& throttle, bool access_log)
    : impl_(new Impl{store, metrics, lanes, throttle, access_log}) {}
Operations::~Operations() = default;

std::optional<http::Route> Operations::route(const http::Request& request) const {
    if (request.method != "GET") return std::nullopt;
    http::Route route{.lane = Lane::in_line, .max_body_bytes = 0, .handle = {}};
    if (request.path == "/healthz") {
        route.handle = [](http::Request&) { return json(200, R"({"status":"SERVING"})"); };
    } else if (request.path == "/debug/healthz") {
        route.handle = [](http::Request&) { return http::text_response(200, "ok"); };
    } else if (request.path == "/robots.txt") {
        route.handle = [](http::Request&) { return http::text_response(200, "User-agent: *\nDisallow: /\n"); };
    } else if (request.path == "/debug/ready") {
        route.lane = Lane::read;
        route.handle = [this](http::Request&) { return impl_->ready(); };
    } else if (request.path == "/metrics" || request.path == "/debug/metrics") {
        route.lane = Lane::read;
        route.handle = [this](http::Request&) { return impl_->metrics(); };
    } else {
        return std::nullopt;
    }
    return route;
}

void Operations::count(const http::ServerOptions::Access& access) {
    impl_->counts.count_request(access.lane, access.status, access.duration);
    // The path without its query: queries carry codes and names.
    if (impl_->access_log)
        log::info("request", {{"method", access.request.method},
                              {"path", access.request.path},
                              {"status", access.status},
                              {"bytes", access.response_bytes},
                              {"micros", access.duration.count()},
                              {"client", access.request.client_address},
                              {"request", access.request.id}});
}

void Operations::begin_shutdown() { impl_->stopping = true; }

}  // namespace godwit::app
