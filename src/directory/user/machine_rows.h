// What keys and personal access tokens have in common. Internal to this folder.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "directory/user/new_user.h"
#include "directory/user/row.h"
#include "store/list_query.h"
#include "store/store.h"

namespace godwit::user {

/// The stored form of a wished end (none: it never ends). invalid_argument DOMAIN-dv3t5 when it does not lie ahead.
Result<std::optional<Time>> accept_expiry(std::optional<Time> wanted, Time now);

/// The row of `alias` that a contract id names.
std::string key_condition(store::Bindings& bindings, std::string_view alias, std::string_view text);

/// The columns of a key that comes along with its user, for Writer::insert_rows, and its row. `folded_id`: of the key's own id; "" without
/// one. The row holds views.
inline constexpr std::string_view kKeyInsert = "instance_no, id, public_id, public_id_key, user_id, kind, spki, created_at, expires_at";
inline std::array<store::Value, 8> key_row(std::int64_t id, const NewMachineKey& key, std::string_view folded_id, UserId user, Time now) {
    return {id, unless_empty(key.key_id), unless_empty(folded_id), user, 1, store::Blob{key.spki}, now, key.expires};
}

/// Keys, tokens and links come in the order they were made, whichever way is asked for: the reference sorts these lists by nothing.
inline store::Page in_order_made(store::Page page) {
    page.ascending = true;
    return page;
}

}  // namespace godwit::user
