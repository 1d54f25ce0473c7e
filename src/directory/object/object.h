// What every noun of the directory shares: who changes it, what it shows of its history, how a list of it is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace godwit::directory {

/// Who makes a change; goes into the event log. The default is the system itself.
struct Actor {
    UserId user;
    std::string service;     ///< "Management-API", "Admin-API", "Import" …
    std::string request_id;  ///< of the HTTP request, may be empty
};

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

/// Which part of a list. Without a sorting column lists come newest first.
struct Page {
    std::uint64_t offset = 0;
    std::uint32_t limit = 0;  ///< 0: as many as kMaxPage
    bool ascending = false;
};
inline constexpr std::uint32_t kMaxPage = 1'000;

template <class T>
struct Listed {
    std::vector<T> rows;
    std::int64_t total = 0;  ///< rows that match, on all pages
    Time at;                 ///< when that was so
};

/// The contract's TextQueryMethod and TextFilterMethod, same numbers.
enum class TextMethod {
    equals = 0,
    equals_ignoring_case = 1,
    starts_with = 2,
    starts_with_ignoring_case = 3,
    contains = 4,
    contains_ignoring_case = 5,
    ends_with = 6,
    ends_with_ignoring_case = 7,
};
struct TextFilter {
    std::string value;
    TextMethod method = TextMethod::equals;
};

}  // namespace godwit::directory
