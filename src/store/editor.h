// Who writes: stamped on every event of a change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "store/store.h"

namespace godwit::store {

/// Handed to every function that changes something; the call's caller, or the system itself (user 0).
struct Editor {
    UserId user;
    std::string service;     ///< "Management-API", "Import", "Login" …
    std::string request_id;  ///< of the request that asked for it
};

/// An event with the editor's columns filled in. Its views point into `editor` and into the literals handed over.
inline Event event_of(const Editor& editor, std::string_view aggregate_kind, std::int64_t aggregate_id, std::string_view type, OrgId owner,
                      std::string body = {}) {
    return {.aggregate_kind = aggregate_kind,
            .aggregate_id = aggregate_id,
            .type = type,
            .owner = owner.key,
            .editor = editor.user.key,
            .editor_service = editor.service,
            .request_id = editor.request_id,
            .body = std::move(body)};
}

}  // namespace godwit::store
