#include "app/operations.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <mutex>

#include "app/throttle.h"
#include "base/log.h"
#include "store/store.h"

namespace godwit::app {
namespace {

constexpr std::array kStatusClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

http::Response json(int status, std::string_view body) { return http::text_response(status, std::string(body), "application/json"); }

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    long pages = 0, resident = 0;
    in >> pages >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

struct Operations::Impl {
    Impl(store::Store& s, const Lanes& l, const Throttle& t, bool log) : store(s), lanes(l), throttle(t), access_log(log) {
        auto& requests = prometheus::BuildCounter()
                             .Name("godwit_http_requests_total")
                             .Help("Answered requests by lane and class of status.")
                             .Register(registry);
        auto& seconds = prometheus::BuildHistogram()
                            .Name("godwit_http_request_duration_seconds")
                            .Help("From the request's head to the end of its answer.")
                            .Register(registry);
        auto& queued = prometheus::BuildGauge().Name("godwit_lane_queued").Help("Jobs that wait in a lane.").Register(registry);
        auto& running = prometheus::BuildGauge().Name("godwit_lane_running").Help("Jobs that run in a lane.").Register(registry);
        for (std::size_t i = 0; i < kLanes; ++i) {
            const std::string name(to_string(static_cast<Lane>(i)));
            for (std::size_t c = 0; c < kStatusClasses.size(); ++c)
                counters[i][c] = &requests.Add({{"lane", name}, {"status", kStatusClasses[c]}});
            histograms[i] = &seconds.Add({{"lane", name}}, kSeconds);
            queues[i] = &queued.Add({{"lane", name}});
            runs[i] = &running.Add({{"lane", name}});
        }
        auto& refused = prometheus::BuildCounter()
                            .Name("godwit_throttled_total")
                            .Help("Requests and calls turned away with 429, by the limit that did it.")
                            .Register(registry);
        for (std::size_t i = 0; i < throttled.size(); ++i) throttled[i] = &refused.Add({{"limit", std::string(Throttle::kNames[i])}});
        memory = &prometheus::BuildGauge().Name("process_resident_memory_bytes").Help("Resident memory.").Register(registry).Add({});
        prometheus::BuildGauge()
            .Name("godwit_info")
            .Help("Constant 1; the storage engine as label.")
            .Register(registry)
            .Add({{"engine", std::string(s.engine())}})
            .Set(1);
    }

    http::Response metrics() {
        for (std::size_t i = 0; i < kLanes; ++i) {
            const auto load = lanes.load(static_cast<Lane>(i));
            queues[i]->Set(static_cast<double>(load.queued));
            runs[i]->Set(static_cast<double>(load.running));
        }
        const auto refused = throttle.refused();
        {
            const std::lock_guard lock(scraping);  // a counter can only be told of the difference
            for (std::size_t i = 0; i < refused.size(); ++i)
                throttled[i]->Increment(std::max(0.0, static_cast<double>(refused[i]) - throttled[i]->Value()));
        }
        memory->Set(resident_bytes());
        return http::text_response(200, prometheus::TextSerializer().Serialize(registry.Collect()),
                                   "text/plain; version=0.0.4; charset=utf-8");
    }

    http::Response ready() {
        if (stopping) return json(503, "\"shutting down\"");
        const auto answered = store.ping();
        if (!answered) return json(503, "\"the database does not answer\"");
        return json(200, "\"ok\"");
    }

    store::Store& store;
    const Lanes& lanes;
    const Throttle& throttle;
    const bool access_log;
    std::atomic<bool> stopping = false;
    prometheus::Registry registry;
    std::array<std::array<prometheus::Counter*, kStatusClasses.size()>, kLanes> counters{};
    std::array<prometheus::Histogram*, kLanes> histograms{};
    std::array<prometheus::Gauge*, kLanes> queues{}, runs{};
    std::array<prometheus::Counter*, Throttle::kNames.size()> throttled{};
    std::mutex scraping;
    prometheus::Gauge* memory = nullptr;
};

Operations::Operations(store::Store& store, const Lanes& lanes, const Throttle& throttle, bool access_log)
    : impl_(std::make_unique<Impl>(store, lanes, throttle, access_log)) {}
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
    const auto lane = static_cast<std::size_t>(access.lane);
    const auto status = static_cast<std::size_t>(std::clamp(access.status / 100, 1, 5)) - 1;
    impl_->counters[lane][status]->Increment();
    impl_->histograms[lane]->Observe(std::chrono::duration<double>(access.duration).count());
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
