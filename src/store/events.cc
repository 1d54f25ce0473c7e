#include "store/events.h"

#include <string>

#include "base/json_parser.h"

namespace godwit::store {

void unfold(const StoredEvent& row, const std::function<void(const StoredEvent&)>& on_event) {
    constexpr std::string_view kAlso = "\"also\":[[";
    if (row.body.find(kAlso) == std::string_view::npos) return on_event(row);
    JsonParser parser;
    simdjson::dom::element document;
    simdjson::dom::array also;
    if (parser.parse(row.body, document) != simdjson::SUCCESS || document["also"].get_array().get(also) != simdjson::SUCCESS) {
        return on_event(row);
    }
    // It is the last member, so what stands before it is the row's own body.
    std::string own(row.body.substr(0, row.body.find(kAlso)));
    if (own.back() == ',') own.pop_back();
    own += '}';
    StoredEvent event = row;
    event.body = own;
    on_event(event);
    for (const simdjson::dom::element element : also) {
        simdjson::dom::array told;
        simdjson::dom::element body;
        if (element.get_array().get(told) != simdjson::SUCCESS || told.at(0).get_string().get(event.type) != simdjson::SUCCESS ||
            told.at(1).get(body) != simdjson::SUCCESS) {
            continue;
        }
        const std::string text = simdjson::minify(body);
        event.body = text;
        event.aggregate_kind = row.aggregate_kind;
        event.aggregate_id = row.aggregate_id;
        const bool another = told.size() == 4;
        if (another && (told.at(2).get_string().get(event.aggregate_kind) != simdjson::SUCCESS ||
                        told.at(3).get_int64().get(event.aggregate_id) != simdjson::SUCCESS)) {
            continue;
        }
        on_event(event);
    }
}

Result<EventPosition> follow_events(Reader& db, InstanceScope scope, EventPosition position, int limit,
                                    const std::function<void(const StoredEvent&)>& on_event) {
    const std::int64_t settled = TRY(db.settled_tx());
    const EventPosition after = position;
    TRY(db.query(scope,
                 "SELECT tx, pos, agg_kind, agg_id, type, owner_id, editor_id, editor_service, request_id, created_at, body FROM events "
                 "WHERE instance_no = ?1 AND (tx, pos) > (?2, ?3) AND tx < ?4 ORDER BY tx, pos LIMIT ?5",
                 {after.tx, after.pos, settled, limit}, [&](const Row& row) {
                     position = {row.i64(0), row.i64(1)};
                     unfold({position, row.text(2), row.i64(3), row.text(4), row.i64(5), row.i64(6), row.text(7), row.text(8), row.time(9),
                             row.text(10)},
                            on_event);
                 }));
    return position;
}

}  // namespace godwit::store
