#include "app/throttle.h"

#include <cstring>

namespace godwit::app {
namespace {

constexpr std::string_view kTooMuch = "too many requests; try again after the time that Retry-After names";

/// RFC 8628 section 3.5: a device that waits for its person has the right code, and must ask again.
bool is_waiting(const http::Response& response) {
    const auto* body = std::get_if<std::string>(&response.body);
    return body && body->starts_with(R"({"error":"authorization_pending")");
}

/// Whether what the request brought as a proof was turned down.
bool is_refused(http::Toll toll, const http::Response& response) {
    if (response.status == 401 || (toll == http::Toll::secret && response.status == 400 && !is_waiting(response))) return true;
    return response.headers.get("grpc-status") == "16";
}

std::chrono::seconds rounded_up(RateLimiter::Clock::duration wait) {
    return std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
}

}  // namespace

Result<std::unique_ptr<Throttle>> Throttle::make(const config::RateLimits& limits, Refuse refuse) {
    std::vector<http::IpPrefix> exempt;
    for (const auto& text : limits.exempt) {
        const auto prefix = http::IpPrefix::parse(text);
        if (!prefix) return fail(Code::invalid_argument, "APP-Lim01", "Godwit.RateLimits.Exempt: " + text + " is no address and no prefix");
        exempt.push_back(*prefix);
    }
    constexpr std::int64_t kMost = 1'000'000;
    for (const auto& rate : {limits.address_requests, limits.address_authorize, limits.address_passwords, limits.address_refused,
                             limits.account_requests, limits.account_writes, limits.account_passwords}) {
        if (rate.per_second < 0 || rate.per_second > kMost || rate.burst < 0 || rate.burst > kMost)
            return fail(Code::invalid_argument, "APP-Lim02", "Godwit.RateLimits: PerSecond and Burst are between 0 and 1000000");
    }
    if (limits.buckets < 1 || limits.buckets > 1 << 26)
        return fail(Code::invalid_argument, "APP-Lim03", "Godwit.RateLimits.Buckets is between 1 and 67108864");
    return std::unique_ptr<Throttle>(new Throttle(limits, std::move(exempt), std::move(refuse)));
}

Throttle::Throttle(const config::RateLimits& limits, std::vector<http::IpPrefix> exempt, Refuse refuse)
    : rates_([&] {
          const auto rate = [](const config::Rate& wanted) { return Rate{wanted.per_second, wanted.burst}; };
          return std::array{rate(limits.address_requests), rate(limits.address_authorize), rate(limits.address_passwords),
                            rate(limits.address_refused),  rate(limits.account_requests),  rate(limits.account_writes),
                            rate(limits.account_passwords)};
      }()),
      exempt_(std::move(exempt)),
      refuse_(std::move(refuse)),
      limiter_(static_cast<std::size_t>(limits.buckets)) {}

std::optional<RateLimiter::Key> Throttle::client_of(const http::Request& request) const {
    const auto address = http::parse_ip(request.client_address);
    if (!address || http::contains(exempt_, *address)) return std::nullopt;
    const auto network = address->network();
    RateLimiter::Key key;
    std::memcpy(&key.high, network.data(), sizeof key.high);
    std::memcpy(&key.low, network.data() + sizeof key.high, sizeof key.low);
    return key;
}

Throttle::Wait Throttle::take(Kind kind, RateLimiter::Key key) {
    key.kind = static_cast<std::uint64_t>(kind);
    const auto wait = limiter_.take(key, rate(kind));
    if (wait) ++refused_[static_cast<std::size_t>(kind)];
    return wait;
}

Throttle::Wait Throttle::toll_of(http::Toll toll, const RateLimiter::Key& client) {
    switch (toll) {
        case http::Toll::none:
            return std::nullopt;
        case http::Toll::authorize:
            return take(Kind::address_authorize, client);
        case http::Toll::password:
            return take(Kind::address_passwords, client);
        case http::Toll::token:
        case http::Toll::secret:
            break;
    }
    RateLimiter::Key key = client;
    key.kind = static_cast<std::uint64_t>(Kind::address_refused);
    const auto wait = limiter_.look(key, rate(Kind::address_refused));
    if (wait) ++refused_[static_cast<std::size_t>(Kind::address_refused)];
    return wait;
}

http::Route Throttle::refusing(http::Route found, RateLimiter::Clock::duration wait) {
    // The body is taken as announced, so that the connection stays of use.
    return {.lane = Lane::in_line,
            .max_body_bytes = found.max_body_bytes,
            .stream_body = found.stream_body,
            .handle = [this, refusal = http::Refusal{429, std::string(kTooMuch), rounded_up(wait)}](http::Request& request) {
                auto response = refuse_(refusal, request);
                response.headers.set("retry-after", std::to_string(refusal.retry_after.count()));
                return response;
            }};
}

http::Route Throttle::apply(const http::Request& request, http::Route found) {
    const auto client = client_of(request);
    if (!client) return found;
    if (const auto wait = take(Kind::address_requests, *client)) return refusing(std::move(found), *wait);
    if (const auto wait = toll_of(found.toll, *client)) return refusing(std::move(found), *wait);
    if (found.toll != http::Toll::token && found.toll != http::Toll::secret) return found;
    found.handle = [this, client = *client, toll = found.toll, handle = std::move(found.handle)](http::Request& asked) {
        auto response = handle(asked);
        if (is_refused(toll, response)) {
            RateLimiter::Key key = client;
            key.kind = static_cast<std::uint64_t>(Kind::address_refused);
            (void)limiter_.take(key, rate(Kind::address_refused));
        }
        return response;
    };
    return found;
}

Result<void> Throttle::count(const rpc::Call& call, bool writes) {
    if (call.request && !client_of(*call.request)) return {};
    const RateLimiter::Key account{
        .kind = 0, .high = static_cast<std::uint64_t>(call.instance.no().value), .low = static_cast<std::uint64_t>(call.caller.user.key)};
    const bool hashes = Lanes::here() == Lane::hash;
    const bool refused = take(Kind::account_requests, account) || (writes && take(Kind::account_writes, account)) ||
                         (hashes && take(Kind::account_passwords, account));
    if (!refused) return {};
    // Rates are per second: there is a token again within one.
    return fail(Code::resource_exhausted, "LIMIT-Acc01", "this account made too many calls; try again in a second");
}

std::array<std::uint64_t, Throttle::kNames.size()> Throttle::refused() const {
    std::array<std::uint64_t, kNames.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = refused_[i];
    return out;
}

}  // namespace godwit::app
