#include "app/courier.h"

#include "base/log.h"
#include "oidc/issuer_table.h"
#include "oidc/provider.h"

namespace godwit::app {
namespace {

constexpr std::chrono::seconds kInterval{1};
/// Applications are told again by their own plan; what is asked for must not grow old.
constexpr std::chrono::seconds kTellAgain{10}, kReadAgain{1};

}  // namespace

Courier::Courier(oidc::Provider& provider)
    : tells_([this, &provider](const std::stop_token& stop) {
          repeat(stop, kTellAgain, [&provider]() -> Result<bool> { return TRY(provider.tell_of_logouts()) > 0; });
      }),
      reads_([this, &provider](const std::stop_token& stop) {
          repeat(stop, kReadAgain, [&provider]() -> Result<bool> {
              TRY(provider.issuers().refresh());
              TRY(provider.renew_documents());
              return false;
          });
      }) {}

Courier::~Courier() {
    tells_.request_stop();
    reads_.request_stop();
}

void Courier::repeat(const std::stop_token& stop, std::chrono::seconds after_failure, const Step& step) {
    while (!stop.stop_requested()) {
        const auto more = step();
        if (!more) log::warn("courier: it failed, and is tried again", {{"error", more.error().message}});
        if (more && *more) continue;
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, more ? kInterval : after_failure, [] { return false; });
    }
}

}  // namespace godwit::app
