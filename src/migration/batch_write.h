// The transactions that bring many records: small writes get between them, and nobody is looked for before that is needed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>

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

/// Runs the transaction `write(look)`. Whoever is here already and was not looked for is found by the unique indexes; then it is run again,
/// looking first. So is one that lost against another transaction, unless it lost the job (STORE-fence).
template <class Write>
auto write_looking_if_needed(bool look, Write write) -> std::invoke_result_t<Write&, bool> {
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
        auto written = write(look);
        const bool again = !written && (written.error().code == Code::already_exists ||
                                        (written.error().code == Code::aborted && written.error().id != "STORE-fence"));
        if (!again || attempt == kAttempts) return written;
        look = true;
    }
}

}  // namespace godwit::migration
