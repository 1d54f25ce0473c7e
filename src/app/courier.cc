#include "app/courier.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "oidc/issuer_table.h"
#include "oidc/provider.h"

namespace godwit::app {
namespace {

constexpr std::chrono::seconds kInterval{1};
/// Applications are told again by their own plan; what is asked for must not grow old.
constexpr std::chrono::seconds kTellAgain{10}, kReadAgain{1};
/// An outage is logged when it begins, and then so often.
constexpr std::chrono::seconds kLogAgain{10};

template <class T>
Result<T> naming(std::string_view what, Result<T> outcome) {
    if (outcome) return outcome;
    const Error& error = outcome.error();
    return fail(error.code, error.id, std::string(what) + ": " + error.message);
}

}  // namespace

Courier::Courier(oidc::Provider& provider)
    : tells_([this, &provider](const std::stop_token& stop) {
          repeat(stop, kTellAgain,
                 [&provider]() -> Result<bool> { return TRY(naming("logouts could not be told", provider.tell_of_logouts())) > 0; });
      }),
      reads_([this, &provider](const std::stop_token& stop) {
          repeat(stop, kReadAgain, [&provider, &stop]() -> Result<bool> {
              TRY(naming("the issuers could not be read", provider.issuers().refresh()));
              TRY(naming("discovery and keys could not be made anew", provider.renew_documents([&] { return stop.stop_requested(); })));
              return false;
          });
      }) {}

Courier::~Courier() {
    tells_.request_stop();
    reads_.request_stop();
}

void Courier::repeat(const std::stop_token& stop, std::chrono::seconds after_failure, const Step& step) {
    std::int64_t failed = 0;  // in a row
    while (!stop.stop_requested()) {
        const auto more = step();
        if (more) failed = 0;
        if (!more && failed++ % (kLogAgain / after_failure) == 0)
            log::warn("courier: it is tried again", {{"error", more.error().message}});
        if (more && *more) continue;
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, more ? kInterval : after_failure, [] { return false; });
    }
}

}  // namespace godwit::app
