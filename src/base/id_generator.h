// Generated ids: int64 in [2^62, 2^63), rising in time, unique over nodes (docs/data-model.md, decision 2).
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace godwit {

/// 62 bits below the leading one: 41 of milliseconds since kIdEpoch, 10 of node, 11 of counter.
inline constexpr std::int64_t kFirstGeneratedId = std::int64_t{1} << 62;
inline constexpr Time kIdEpoch{1'767'225'600'000'000};  ///< 2026-01-01T00:00:00Z; the bits last until 2095
inline constexpr int kMaxIdNodes = 1024;

/// Lies in the range that only the generator may fill. A given id there is refused.
constexpr bool is_generated_id(std::int64_t id) { return id >= kFirstGeneratedId; }
/// When a generated id was made, to the millisecond.
Time time_of_id(std::int64_t id);
/// The smallest id that could be made at `time`: to read ids by age.
std::int64_t first_id_at(Time time);

/// Any thread, no lock, no allocation. A clock that stands still or steps back repeats nothing: ids then go on from the last
/// one, and more than 2,048 in a millisecond borrow from the next.
///
/// Across restarts the same is true if the owner of the node number keeps a mark in the store:
///   1. start with the stored mark: the first id lies after it;
///   2. store a mark some time ahead (at each renewal of the node's lease), then allow_until(mark).
/// The clock alone never carries an id past the allowed mark, so what a crash forgets lies at or before the stored one.
class IdGenerator {
public:
    /// `node` in [0, kMaxIdNodes), held by this process alone. `mark` is what was stored last; kIdEpoch when nothing was.
    IdGenerator(const Clock& clock, int node, Time mark = kIdEpoch);

    std::int64_t next();

    /// Until now no id is younger than this.
    Time high_water() const;
    /// Raises how far the clock may carry ids (lowering is ignored). Without a call there is no such limit.
    void allow_until(Time mark);

private:
    const Clock& clock_;
    const std::int64_t node_bits_;
    std::atomic<std::int64_t> last_;     ///< milliseconds ‖ counter of the last id
    std::atomic<std::int64_t> ceiling_;  ///< milliseconds
};

}  // namespace godwit
