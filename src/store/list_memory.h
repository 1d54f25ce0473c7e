// What is remembered of long lists for a few seconds, so that neither their totals nor their deep pages cost a walk from the beginning
// each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace godwit::store {

/// A row of an ordered list: `key` is its text in the order, `id` decides between equal ones.
struct ListPlace {
    std::string key;
    std::int64_t id = 0;
};

/// All functions may be called from any thread. Whoever finds a thing missing makes it, while others that ask for the same wait; whoever
/// finds it too old makes it anew, while others are answered with the old.
class ListMemory {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kMaxAge{10};
    static constexpr std::size_t kMaxLists = 64;  ///< those not asked for longest are forgotten

    explicit ListMemory(std::function<Clock::time_point()> now = Clock::now) : now_(std::move(now)) {}

    /// `list` names the list: its statement and the values bound in it.
    Result<std::uint64_t> total(const std::string& list, const std::function<Result<std::uint64_t>()>& count);
    /// The places of a list's rows number n - 1, 2n - 1, … for a step n of the caller's.
    using Places = std::shared_ptr<const std::vector<ListPlace>>;
    Result<Places> places(const std::string& list, const std::function<Result<std::vector<ListPlace>>()>& find);

private:
    template <class T>
    struct Remembered {
        std::mutex making;
        std::mutex mutex;  ///< of the two below
        std::shared_ptr<const T> value;
        Clock::time_point made;
    };
    struct Entry {
        std::string list;
        Remembered<std::uint64_t> total;
        Remembered<std::vector<ListPlace>> places;
    };

    std::shared_ptr<Entry> entry(const std::string& list);
    template <class T>
    Result<std::shared_ptr<const T>> get(Remembered<T>& thing, const std::function<Result<T>()>& make);

    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::list<std::shared_ptr<Entry>> entries_;  ///< most recently asked for first
    std::unordered_map<std::string_view, std::list<std::shared_ptr<Entry>>::iterator> by_list_;
};

}  // namespace godwit::store
