#include "base/id_generator.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace godwit {
namespace {

constexpr int kCounterBits = 11;
constexpr int kNodeBits = 10;
constexpr std::int64_t kCounterMask = (std::int64_t{1} << kCounterBits) - 1;
constexpr std::int64_t kNoCeiling = std::numeric_limits<std::int64_t>::max();
static_assert(kMaxIdNodes == 1 << kNodeBits);

std::int64_t millis_since_epoch(Time time) { return std::max<std::int64_t>(0, (time.micros - kIdEpoch.micros) / 1000); }

}  // namespace

Time time_of_id(std::int64_t id) { return {kIdEpoch.micros + ((id - kFirstGeneratedId) >> (kCounterBits + kNodeBits)) * 1000}; }

std::int64_t first_id_at(Time time) { return kFirstGeneratedId | (millis_since_epoch(time) << (kCounterBits + kNodeBits)); }

IdGenerator::IdGenerator(const Clock& clock, int node, Time mark)
    : clock_(clock),
      node_bits_(std::int64_t{node} << kCounterBits),
      last_((millis_since_epoch(mark) << kCounterBits) | kCounterMask),  // the whole marked millisecond counts as used
      ceiling_(kNoCeiling) {
    if (node < 0 || node >= kMaxIdNodes) std::abort();
}

std::int64_t IdGenerator::next() {
    const std::int64_t now = std::min(millis_since_epoch(clock_.now()), ceiling_.load(std::memory_order_relaxed)) << kCounterBits;
    std::int64_t last = last_.load(std::memory_order_relaxed);
    std::int64_t mine = 0;
    do {
        mine = std::max(last + 1, now);  // an overflowing counter carries into the milliseconds
    } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return kFirstGeneratedId | ((mine >> kCounterBits) << (kCounterBits + kNodeBits)) | node_bits_ | (mine & kCounterMask);
}

Time IdGenerator::high_water() const { return {kIdEpoch.micros + (last_.load(std::memory_order_relaxed) >> kCounterBits) * 1000}; }

void IdGenerator::allow_until(Time mark) {
    const std::int64_t wanted = millis_since_epoch(mark);
    std::int64_t current = ceiling_.load(std::memory_order_relaxed);
    while ((current == kNoCeiling || current < wanted) && !ceiling_.compare_exchange_weak(current, wanted, std::memory_order_relaxed)) {
    }
}

}  // namespace godwit
