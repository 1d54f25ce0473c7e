#include "store/list_memory.h"

namespace godwit::store {

std::shared_ptr<ListMemory::Entry> ListMemory::entry(const std::string& list) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_list_.find(list); found != by_list_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return entries_.front();
    }
    if (entries_.size() == kMaxLists) {
        by_list_.erase(entries_.back()->list);
        entries_.pop_back();
    }
    entries_.push_front(std::make_shared<Entry>());
    entries_.front()->list = list;
    by_list_.emplace(entries_.front()->list, entries_.begin());
    return entries_.front();
}

template <class T>
Result<std::shared_ptr<const T>> ListMemory::get(Remembered<T>& thing, const std::function<Result<T>()>& make) {
    const auto look = [&](bool any_age) -> std::shared_ptr<const T> {
        const std::lock_guard lock(thing.mutex);
        return thing.value && (any_age || now_() - thing.made < kMaxAge) ? thing.value : nullptr;
    };
    if (auto fresh = look(false)) return fresh;
    std::unique_lock making(thing.making, std::try_to_lock);
    if (!making) {
        if (auto old = look(true)) return old;
        making.lock();
        if (auto fresh = look(false)) return fresh;
    }
    const auto begun = now_();  // what is written from here on may be missed
    auto made = std::make_shared<const T>(TRY(make()));
    const std::lock_guard lock(thing.mutex);
    thing.value = made;
    thing.made = begun;
    return made;
}

Result<std::uint64_t> ListMemory::total(const std::string& list, const std::function<Result<std::uint64_t>()>& count) {
    return *TRY(get(entry(list)->total, count));
}

Result<ListMemory::Places> ListMemory::places(const std::string& list, const std::function<Result<std::vector<ListPlace>>()>& find) {
    return get(entry(list)->places, find);
}

}  // namespace godwit::store
