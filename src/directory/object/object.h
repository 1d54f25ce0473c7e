// What every noun of the directory shows of itself: its history, what a write answers, a page of a list.
// Who changes something is store::Editor (store/editor.h), how a list is asked for is store::Page (store/list_query.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/editor.h"
#include "store/event_body.h"
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

/// A condition on a text, as the contract's name queries have it.
struct TextFilter {
    std::string text;
    store::TextMethod method = store::TextMethod::equals;
};

/// The error of `result`, or the contract's when a unique index was in the way: `unique_as(db.attempt(…), "V3-DKcYh", "…")`.
template <class T>
Result<T> unique_as(Result<T> result, std::string_view id, std::string_view message) {
    if (!result && result.error().code == Code::already_exists && result.error().id.starts_with("unique:"))
        return fail(Code::already_exists, id, message);
    return result;
}

}  // namespace godwit::directory
