// What happened to a user, from the event log (ListUserChanges).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "directory/user/types.h"

namespace godwit::store {
class Reader;
}

namespace godwit::user {

struct HistoryEntry {
    Time at;
    std::string type;  ///< "user.human.added"
    std::int64_t sequence = 0;
    std::string editor_id, editor_name, editor_login_name;
    std::string resource_owner;
};

/// Entries before (after, when ascending) `sequence`; 0 starts at the newest (oldest). `limit` 0: 100, at most 1000.
Result<std::vector<HistoryEntry>> read_history(store::Reader& db, const Ref& ref, std::int64_t sequence, std::uint32_t limit,
                                               bool ascending);

/// English for an event's type ("Person added"); the type itself when there is none.
std::string_view describe_event(std::string_view type);

}  // namespace godwit::user
