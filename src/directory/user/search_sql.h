// A search's conditions as SQL over `users u`. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "directory/user/search.h"
#include "store/list_query.h"

namespace godwit::user {

/// The folded column that the order of a list goes by; "" for the order of ids and for orders that no index has.
std::string_view order_key(SortBy sort);
/// The folded column in which a text is looked for; "" where there is more than one.
std::string_view folded_column(Query::Field field);
/// What a list is ordered by, for ORDER BY: columns without direction, the last decides between equal ones.
std::string order_columns(SortBy sort);

/// How the rows are to be found.
struct Access {
    /// False: by walking in the list's order. Then no condition on a text may draw an index to itself, but for `order_key`.
    bool by_condition = true;
    std::string_view order_key = {};
};

/// Errors: those of the store (organizations are looked up by their id).
Result<std::string> sql_of(store::Reader& db, InstanceScope instance, store::Bindings& bindings, const Query& query, const Access& access);

/// A condition that is the same for an e-mail address and its key (users.email_key).
std::string email_is(store::Bindings& bindings, std::string_view address);

/// The organization that a query is about as a whole: a condition of its outermost "and". nullopt: none; the id 0: one that is not there.
Result<std::optional<OrgId>> org_of(store::Reader& db, InstanceScope instance, const Query& query);

}  // namespace godwit::user
