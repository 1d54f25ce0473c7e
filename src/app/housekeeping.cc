#include "app/housekeeping.h"

#include <chrono>
#include <functional>

#include "app/services.h"
#include "base/log.h"
#include "directory/session/clients.h"
#include "oidc/purge.h"
#include "store/claims.h"

namespace godwit::app {
namespace {

constexpr std::chrono::minutes kInterval{10};

}  // namespace

Housekeeping::Housekeeping(Services& services, const key::RotationPlan& key_rotation)
    : services_(services), key_rotation_(key_rotation), thread_([this](const std::stop_token& stop) { run(stop); }) {}

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
        if (!stop.stop_requested()) keep(stop);
    }
}

void Housekeeping::keep(const std::stop_token& stop) {
    const auto all = services_.instances.all();
    if (!all) return log::warn("housekeeping: the instances could not be read", {{"error", all.error().message}});
    for (const InstanceScope scope : *all) {
        const std::function<Result<std::int64_t>()> purges[] = {
            [&] { return oidc::purge_expired(services_.store, scope); },
            [&] { return oidc::purge_families(services_.store, services_.clock, scope); },
            [&] { return store::purge_claims(services_.store, scope); },
            [&] { return session::purge_clients(services_.store, services_.clock, scope); },
        };
        for (const auto& purge : purges) {
            for (std::int64_t gone = 1; gone > 0 && !stop.stop_requested();) {
                const auto purged = purge();
                if (!purged) return log::warn("housekeeping: purging failed", {{"error", purged.error().message}});
                gone = *purged;
            }
        }
        if (!stop.stop_requested()) rotate_keys(scope);
    }
}

void Housekeeping::rotate_keys(InstanceScope scope) {
    const auto rotate = [&]() -> Result<void> {
        auto plan = key_rotation_;
        plan.published_after = std::max(plan.published_after, TRY(services_.provider.longest_lifetime(scope)));
        return key::rotate(services_.signing_keys, scope, plan, services_.clock.now());
    };
    if (const auto done = rotate(); !done)
        log::warn("housekeeping: the signing keys could not be rotated", {{"error", done.error().message}});
}

}  // namespace godwit::app
