// Cached configuration that is validated, not invalidated: each entry carries the instance's config_version it was read at.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "directory/instance/instances.h"
#include "store/store.h"

namespace godwit::instance {

/// Values by (instance, Key); Key is ordered. Any thread. Bounded: when `max_entries` is reached everything is forgotten (what is
/// asked for comes back with one query each).
template <class Key, class Value>
class ConfigCache {
public:
    explicit ConfigCache(std::size_t max_entries = 10'000) : max_entries_(max_entries) {}

    /// The value at the version that `db` sees; `load` is called with `db` when it is not at hand, and returns
    /// Result<std::shared_ptr<const Value>> (null: there is none, which is remembered too).
    template <class Load>
    Result<std::shared_ptr<const Value>> get(store::Reader& db, InstanceScope scope, const Key& key, Load&& load) {
        // A write transaction may see a version that is never committed, and another content may then get its number.
        if (dynamic_cast<const store::Writer*>(&db) != nullptr) return load(db);
        const std::int64_t version = TRY(config_version(db, scope));
        const auto full_key = std::make_pair(scope.no().value, key);
        {
            const std::lock_guard lock(mutex_);
            if (const auto it = entries_.find(full_key); it != entries_.end() && it->second.version == version) return it->second.value;
        }
        std::shared_ptr<const Value> value = TRY(load(db));
        const std::lock_guard lock(mutex_);
        if (entries_.size() >= max_entries_) entries_.clear();
        entries_.insert_or_assign(full_key, Entry{version, value});
        return value;
    }

private:
    struct Entry {
        std::int64_t version;
        std::shared_ptr<const Value> value;
    };
    const std::size_t max_entries_;
    std::mutex mutex_;
    std::map<std::pair<std::int32_t, Key>, Entry> entries_;
};

}  // namespace godwit::instance
