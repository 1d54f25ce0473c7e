// Users of a batch are looked for only when that is needed: one that is new altogether is written at half the price.
#pragma once

#include <type_traits>

#include "base/result.h"

namespace godwit::user {

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

}  // namespace godwit::user
