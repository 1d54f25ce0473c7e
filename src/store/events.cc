#include "store/events.h"

namespace godwit::store {

Result<EventPosition> follow_events(Reader& db, InstanceScope scope, EventPosition position, int limit,
                                    const std::function<void(const StoredEvent&)>& on_event) {
    const std::int64_t settled = TRY(db.settled_tx());
    const EventPosition after = position;
    TRY(db.query(scope,
                 "SELECT tx, pos, agg_kind, agg_id, type, owner_id, editor_id, editor_service, request_id, created_at, body FROM events "
                 "WHERE instance_no = ?1 AND (tx, pos) > (?2, ?3) AND tx < ?4 ORDER BY tx, pos LIMIT ?5",
                 {after.tx, after.pos, settled, limit}, [&](const Row& row) {
                     position = {row.i64(0), row.i64(1)};
                     on_event({position, row.text(2), row.i64(3), row.text(4), row.i64(5), row.i64(6), row.text(7), row.text(8),
                               row.time(9), row.text(10)});
                 }));
    return position;
}

}  // namespace godwit::store
