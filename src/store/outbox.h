// Messages to people, written in the transaction that causes them; notify/ sends them later, called by nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/store.h"

namespace godwit::store {

struct OutgoingMessage {
    std::int64_t id = 0;  ///< from Writer::new_id(), drawn by the caller because the body is sealed for it
    UserId user;
    std::string_view kind;                       ///< "init_code", "verify_email", "password_reset" …
    std::optional<std::string_view> dedupe_key;  ///< a second message with the same key is not written
    std::string_view sealed_body;                ///< sealed for (instance, "messages", id, "body")
    std::optional<Time> not_before;              ///< default: at once
};

/// Writes the message's row, waiting to be sent. False when its dedupe_key is there already.
Result<bool> enqueue(Writer& db, InstanceScope scope, const OutgoingMessage& message);

}  // namespace godwit::store
