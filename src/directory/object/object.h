// What every noun of the directory shows of itself: its history, what a write answers, a page of a list.
// Who changes something is store::Editor (store/editor.h), how a list is asked for is store::Page (store/list_query.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/editor.h"
#include "store/list_query.h"

namespace godwit::directory {

/// An object's history as the contract's ObjectDetails shows it.
struct Stamp {
    Time created;
    Time changed;
    std::int64_t sequence = 0;  ///< 1 at creation, rises with every change
};

/// What a write answers: when, the object's sequence after it, and the owning organization (or instance) as the contract shows it.
struct Change {
    Time at;
    std::int64_t sequence = 0;
    std::string resource_owner;
};

/// One page of a list. Without a sorting column lists come newest first.
template <class T>
struct Listed {
    std::vector<T> rows;
    std::uint64_t total = 0;  ///< rows that match, on all pages
};

struct TextFilter {
    std::string text;
    store::TextMethod method = store::TextMethod::equals;
};

}  // namespace godwit::directory
