// How much one address and one account may ask for: docs/limits.md.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "app/rate_limiter.h"
#include "base/result.h"
#include "transport/http/authority.h"
#include "transport/http/server.h"
#include "transport/rpc/registry.h"

namespace godwit::app {

class Throttle final : public rpc::AccountLimits {
public:
    /// How a refusal looks to whoever sent `request`.
    using Refuse = std::function<http::Response(const http::Refusal& refusal, const http::Request& request)>;

    /// invalid_argument when an exempt address is none, or a number makes no sense.
    static Result<std::unique_ptr<Throttle>> make(const config::RateLimits& limits, Refuse refuse);

    /// The route as it was found; or one that refuses, because its address asked for too much. On an I/O thread.
    http::Route apply(const http::Request& request, http::Route found);

    Result<void> count(const rpc::Call& call, bool writes) override;

    /// What is limited, in the order of refused().
    enum class Kind {
        address_requests,
        address_authorize,
        address_passwords,
        address_refused,
        account_requests,
        account_writes,
        account_passwords
    };
    static constexpr std::array<std::string_view, 7> kNames = {"address_requests", "address_authorize", "address_passwords",
                                                               "address_refused",  "account_requests",  "account_writes",
                                                               "account_passwords"};
    /// How many requests each limit has turned away.
    std::array<std::uint64_t, kNames.size()> refused() const;

private:
    using Wait = std::optional<RateLimiter::Clock::duration>;

    Throttle(const config::RateLimits& limits, std::vector<http::IpPrefix> exempt, Refuse refuse);
    /// nullopt for an address that is exempt.
    std::optional<RateLimiter::Key> client_of(const http::Request& request) const;
    Wait take(Kind kind, RateLimiter::Key key);
    Wait toll_of(http::Toll toll, const RateLimiter::Key& client);
    http::Route refusing(http::Route found, RateLimiter::Clock::duration wait);
    const Rate& rate(Kind kind) const { return rates_[static_cast<std::size_t>(kind)]; }

    const std::array<Rate, kNames.size()> rates_;
    const std::vector<http::IpPrefix> exempt_;
    const Refuse refuse_;
    RateLimiter limiter_;
    std::array<std::atomic<std::uint64_t>, kNames.size()> refused_{};
};

}  // namespace godwit::app
