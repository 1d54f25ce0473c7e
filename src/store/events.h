// Following the event log: each event once, none skipped.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "store/store.h"

namespace godwit::store {

/// Where a follower stands. Order of the log: by (tx, pos). On SQLite tx is 0 and pos rises with the commits; on PostgreSQL positions are
/// drawn before the commit, so the transaction's number leads, and what is not settled yet (Reader::settled_tx) waits.
struct EventPosition {
    std::int64_t tx = 0;
    std::int64_t pos = 0;
    friend auto operator<=>(const EventPosition&, const EventPosition&) = default;
};

/// Views are valid during the callback.
struct StoredEvent {
    EventPosition position{};
    std::string_view aggregate_kind{};
    std::int64_t aggregate_id = 0;
    std::string_view type{};
    std::int64_t owner = 0;
    std::int64_t editor = 0;
    std::string_view editor_service{};
    std::string_view request_id{};
    Time created_at{};
    std::string_view body{};
};

/// Calls for the event of a row, and then for those that its body carries (EventTail): aggregate, type and body are theirs, all else the
/// row's. A body without such is handed on untouched.
void unfold(const StoredEvent& row, const std::function<void(const StoredEvent&)>& on_event);

/// The events of the next rows after `position`, at most `limit` rows, in order; returns where to go on. A long transaction delays
/// followers, it never makes them miss anything.
Result<EventPosition> follow_events(Reader& db, InstanceScope scope, EventPosition position, int limit,
                                    const std::function<void(const StoredEvent&)>& on_event);

}  // namespace godwit::store
