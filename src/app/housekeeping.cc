#include "app/housekeeping.h"

#include <chrono>

#include "base/log.h"
#include "directory/instance/instances.h"
#include "oidc/purge.h"
#include "store/claims.h"

namespace godwit::app {
namespace {

constexpr std::chrono::minutes kInterval{10};

}  // namespace

Housekeeping::Housekeeping(store::Store& store, const instance::Instances& instances)
    : store_(store), instances_(instances), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Housekeeping::~Housekeeping() {
    thread_.request_stop();
    wake_.notify_all();
}

void Housekeeping::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::unique_lock lock(mutex_);
        // Not at once: a start has better things to do.
        wake_.wait_for(lock, stop, kInterval, [] { return false; });
        lock.unlock();
        if (!stop.stop_requested()) clean(stop);
    }
}

void Housekeeping::clean(const std::stop_token& stop) {
    const auto all = instances_.all();
    if (!all) return log::warn("housekeeping: the instances could not be read", {{"error", all.error().message}});
    for (const InstanceScope scope : *all) {
        for (const auto purge : {oidc::purge_expired, store::purge_claims}) {
            for (std::int64_t gone = 1; gone > 0 && !stop.stop_requested();) {
                const auto purged = purge(store_, scope);
                if (!purged) return log::warn("housekeeping: purging failed", {{"error", purged.error().message}});
                gone = *purged;
            }
        }
    }
}

}  // namespace godwit::app
