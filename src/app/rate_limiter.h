// Token buckets under keys, in a table of fixed size: what is counted can never cost more memory than was set aside.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace godwit::app {

/// 0 each second: no limit.
struct Rate {
    std::int64_t per_second = 0;
    std::int64_t burst = 0;  ///< how many at once after a rest; at least 1
};

/// Any thread. Buckets are kept as the time at which each will be full again (GCRA, ITU-T I.371), so that nothing has to be filled up in
/// the background, and a full bucket is the same as none. Where too many keys meet in one place of the table, the fullest bucket is
/// forgotten.
class RateLimiter {
public:
    using Clock = std::chrono::steady_clock;
    struct Key {
        std::uint64_t kind = 0;  ///< what is counted
        std::uint64_t high = 0, low = 0;
    };

    explicit RateLimiter(std::size_t buckets);

    /// Takes one token. nullopt when there was one; else how long until there will be, and nothing is taken.
    std::optional<Clock::duration> take(const Key& key, const Rate& rate, Clock::time_point now = Clock::now());
    /// The same without taking.
    std::optional<Clock::duration> look(const Key& key, const Rate& rate, Clock::time_point now = Clock::now());

private:
    struct Slot {
        std::uint64_t key;  ///< 0: nobody's
        std::int64_t full_at;
    };
    static constexpr std::size_t kWays = 8, kLocks = 64;
    struct Free {
        void operator()(Slot* slots) const;
    };

    std::optional<Clock::duration> count(const Key& key, const Rate& rate, Clock::time_point now, bool take);
    std::uint64_t hash(const Key& key) const;

    const std::size_t sets_;
    const std::array<std::uint64_t, 4> seed_;
    const std::unique_ptr<Slot[], Free> slots_;
    std::array<std::mutex, kLocks> locks_;
};

}  // namespace godwit::app
