#include "store/schema/event_rows.h"

#include <vector>

namespace godwit::store::schema {

Result<void> write_events(Writer& db, InstanceScope scope, std::span<const Event> events) {
    // `tx` is left to its default: 0, or the number of the transaction.
    constexpr std::string_view kColumns =
        "instance_no, pos, agg_kind, agg_id, type, owner_id, editor_id, editor_service, request_id, created_at, body";
    std::vector<Value> rows;
    rows.reserve(events.size() * 10);
    for (const Event& event : events) {
        rows.insert(rows.end(), {Value(db.new_id()), event.aggregate_kind, event.aggregate_id, event.type, event.owner, event.editor,
                                 event.editor_service, event.request_id, db.now(), event.body});
    }
    return db.insert_rows(scope, "events", kColumns, rows);
}

}  // namespace godwit::store::schema
