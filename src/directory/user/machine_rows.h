// What keys and personal access tokens have in common. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/list_query.h"

namespace godwit::user {

/// The stored form of a wished end (none: it never ends). invalid_argument DOMAIN-dv3t5 when it does not lie ahead.
Result<std::optional<Time>> accept_expiry(std::optional<Time> wanted, Time now);

/// The row of `alias` that a contract id names.
std::string key_condition(store::Bindings& bindings, std::string_view alias, std::string_view text);

/// Keys, tokens and links come in the order they were made, whichever way is asked for: the reference sorts these lists by nothing.
inline store::Page in_order_made(store::Page page) {
    page.ascending = true;
    return page;
}

}  // namespace godwit::user
