#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <mutex>

#include "app/throttle.h"
#include "store/database_name.h"

namespace godwit::app {
namespace {

constexpr std::array kStatusClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array kDatabases{store::Database::directory, store::Database::runtime};
const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries kWriteSeconds{0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03,
                                                            0.04,   0.05,  0.075, 0.1,   0.25,  0.5,    1,    2.5,   5,    10};

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    long pages = 0, resident = 0;
    in >> pages >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

constexpr std::size_t index_of(store::Database database) { return static_cast<std::size_t>(database); }

}  // namespace

struct Metrics::Impl {
    Impl() {
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
        auto& written = prometheus::BuildHistogram()
                            .Name("godwit_store_write_duration_seconds")
                            .Help("From asking for a write until it is durable, its wait for other writes included.")
                            .Register(registry);
        for (const auto database : kDatabases) {
            const std::string name(name_of(database));
            for (const bool bulk : {false, true})
                writes[index_of(database)][bulk ? 1 : 0] =
                    &written.Add({{"database", name}, {"kind", bulk ? "bulk" : "small"}}, kWriteSeconds);
        }
        auto& refused = prometheus::BuildCounter()
                            .Name("godwit_throttled_total")
                            .Help("Requests and calls turned away with 429, by the limit that did it.")
                            .Register(registry);
        for (std::size_t i = 0; i < throttled.size(); ++i) throttled[i] = &refused.Add({{"limit", std::string(Throttle::kNames[i])}});
        memory = &prometheus::BuildGauge().Name("process_resident_memory_bytes").Help("Resident memory.").Register(registry).Add({});
    }

    prometheus::Registry registry;
    std::array<std::array<prometheus::Counter*, kStatusClasses.size()>, kLanes> counters{};
    std::array<prometheus::Histogram*, kLanes> histograms{};
    std::array<std::array<prometheus::Histogram*, 2>, kDatabases.size()> writes{};
    std::array<prometheus::Gauge*, kLanes> queues{}, runs{};
    std::array<prometheus::Counter*, Throttle::kNames.size()> throttled{};
    std::mutex scraping;
    prometheus::Gauge* memory = nullptr;
    prometheus::Family<prometheus::Gauge>& info =
        prometheus::BuildGauge().Name("godwit_info").Help("Constant 1; the storage engine as label.").Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(Lane lane, int status, Duration took) {
    const auto of = static_cast<std::size_t>(lane);
    impl_->counters[of][static_cast<std::size_t>(std::clamp(status / 100, 1, 5)) - 1]->Increment();
    impl_->histograms[of]->Observe(took.count());
}

void Metrics::count_write(store::Database database, bool bulk, Duration took) {
    impl_->writes[index_of(database)][bulk ? 1 : 0]->Observe(took.count());
}

std::string Metrics::text(const Lanes& lanes, const Throttle& throttle, std::string_view engine) {
    for (std::size_t i = 0; i < kLanes; ++i) {
        const auto load = lanes.load(static_cast<Lane>(i));
        impl_->queues[i]->Set(static_cast<double>(load.queued));
        impl_->runs[i]->Set(static_cast<double>(load.running));
    }
    const auto refused = throttle.refused();
    {
        const std::lock_guard lock(impl_->scraping);  // a counter can only be told of the difference
        for (std::size_t i = 0; i < refused.size(); ++i)
            impl_->throttled[i]->Increment(std::max(0.0, static_cast<double>(refused[i]) - impl_->throttled[i]->Value()));
    }
    impl_->memory->Set(resident_bytes());
    impl_->info.Add({{"engine", std::string(engine)}}).Set(1);
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace godwit::app
