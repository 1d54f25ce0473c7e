// The transactions that bring many records: small writes get between them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "base/result.h"

namespace godwit::migration {

/// Within a transaction: has `write(from, count)` write `left` records, a slice (Pace::slice) at a time, until all are written or, after a
/// slice, `enough` says that small writes wait. How many it were; the others are for the next transaction.
template <class Write>
Result<std::size_t> write_slices(std::size_t left, std::size_t slice, const std::function<bool()>& enough, Write write) {
    std::size_t written = 0;
    while (written < left && (written == 0 || !enough())) {
        const std::size_t count = std::min(std::max<std::size_t>(1, slice), left - written);
        TRY(write(written, count));
        written += count;
    }
    return written;
}

}  // namespace godwit::migration
