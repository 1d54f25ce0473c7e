#include "store/outbox.h"

namespace godwit::store {

Result<bool> enqueue(Writer& db, InstanceScope scope, const OutgoingMessage& message) {
    const std::int64_t written = TRY(
        db.exec(scope,
                "INSERT INTO messages (instance_no, id, user_id, kind, dedupe_key, body, state, created_at, next_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8) ON CONFLICT (instance_no, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING",
                {message.id, message.user, message.kind, message.dedupe_key, Blob{message.sealed_body}, db.now(),
                 message.not_before.value_or(db.now())}));
    return written == 1;
}

}  // namespace godwit::store
