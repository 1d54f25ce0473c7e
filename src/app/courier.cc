#include "app/courier.h"

#include <chrono>

#include "base/log.h"
#include "oidc/issuer_table.h"
#include "oidc/provider.h"

namespace godwit::app {
namespace {

constexpr std::chrono::seconds kInterval{1}, kAfterFailure{10};

}  // namespace

Courier::Courier(oidc::Provider& provider) : provider_(provider), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Courier::~Courier() {
    thread_.request_stop();
    wake_.notify_all();
}

void Courier::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto known = provider_.issuers().refresh();
        const auto told = provider_.tell_of_logouts();
        if (!known) log::warn("courier: the issuers could not be read", {{"error", known.error().message}});
        if (!told) log::warn("courier: logouts could not be told", {{"error", told.error().message}});
        if (told && *told > 0) continue;  // there may be more
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, known && told ? kInterval : kAfterFailure, [] { return false; });
    }
}

}  // namespace godwit::app
