#include "app/rate_limiter.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "crypto/random.h"

namespace godwit::app {
namespace {

/// Both halves of the product, folded.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::array<std::uint64_t, 4> random_seed() {
    std::array<std::uint64_t, 4> seed{};
    const std::string bytes = crypto::random_bytes(sizeof seed);
    std::memcpy(seed.data(), bytes.data(), sizeof seed);
    return seed;
}

}  // namespace

void RateLimiter::Free::operator()(Slot* slots) const { std::free(slots); }

// calloc: pages of the table that nobody uses take no memory.
RateLimiter::RateLimiter(std::size_t buckets)
    : sets_(std::max<std::size_t>(1, buckets / kWays)),
      seed_(random_seed()),
      slots_(static_cast<Slot*>(std::calloc(sets_ * kWays, sizeof(Slot)))) {
    if (!slots_) std::abort();
}

/// Seeded, so that nobody can choose addresses that meet.
std::uint64_t RateLimiter::hash(const Key& key) const {
    const std::uint64_t mixed = fold(fold(key.high ^ seed_[0], key.low ^ seed_[1]) ^ seed_[2], key.kind ^ seed_[3]);
    return mixed == 0 ? 1 : mixed;
}

std::optional<RateLimiter::Clock::duration> RateLimiter::take(const Key& key, const Rate& rate, Clock::time_point now) {
    return count(key, rate, now, true);
}

std::optional<RateLimiter::Clock::duration> RateLimiter::look(const Key& key, const Rate& rate, Clock::time_point now) {
    return count(key, rate, now, false);
}

std::optional<RateLimiter::Clock::duration> RateLimiter::count(const Key& key, const Rate& rate, Clock::time_point at, bool take) {
    if (rate.per_second <= 0) return std::nullopt;
    const std::int64_t each = std::max<std::int64_t>(1, 1'000'000'000 / rate.per_second);
    const std::int64_t room = each * std::max<std::int64_t>(1, rate.burst);
    const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();

    const std::uint64_t name = hash(key);
    const std::size_t set = (name >> 8) % sets_;
    const std::scoped_lock lock(locks_[set % kLocks]);
    const std::span<Slot> ways(&slots_[set * kWays], kWays);
    const auto found = std::ranges::find(ways, name, &Slot::key);
    const std::int64_t full_at = (found == ways.end() ? now : std::max(found->full_at, now)) + each;
    if (full_at - now > room) return std::chrono::nanoseconds(full_at - now - room);
    if (!take) return std::nullopt;
    Slot& slot = found != ways.end() ? *found : *std::ranges::min_element(ways, {}, &Slot::full_at);
    slot = {name, full_at};
    return std::nullopt;
}

}  // namespace godwit::app
