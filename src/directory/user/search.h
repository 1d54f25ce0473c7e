// Searching users: the contract's SearchQuery (zitadel.user.v1 and user.v2) as a tree of conditions.
#pragma once

#include <string>
#include <vector>

#include "directory/user/types.h"
#include "store/list_query.h"

namespace godwit::user {

struct Query {
    enum class Op { text, state, kind, ids, emails, org, any, all, none };
    enum class Field { user_name, first_name, last_name, nick_name, display_name, email, phone, login_name };

    Op op = Op::all;
    Field field = Field::user_name;  ///< text
    store::TextMethod method = store::TextMethod::equals;
    std::string text;                ///< text, org (contract id)
    std::vector<std::string> texts;  ///< ids (contract ids), emails
    State wanted_state = State::active;
    Kind wanted_kind = Kind::human;
    std::vector<Query> parts;  ///< any (or), all (and), none (not: no part holds)

    static Query text_is(Field field, std::string text, store::TextMethod method);
    static Query state_is(State state);
    static Query kind_is(Kind kind);
    static Query id_in(std::vector<std::string> ids);
    static Query email_in(std::vector<std::string> emails);
    static Query org_is(std::string org_id);
    static Query combine(Op op, std::vector<Query> parts);
};

/// The conditions as SQL over `users u`, for lists of what hangs on users. Errors: those of the store (organizations are looked up).
Result<std::string> condition(store::Reader& db, InstanceScope instance, store::Bindings& bindings, const Query& query);

/// Deeper trees are refused (invalid_argument).
inline constexpr int kMaxQueryDepth = 20;

/// The contract's UserFieldName, same numbers. Without one: newest first (oldest first when ascending).
enum class SortBy {
    unspecified = 0,
    user_name = 1,
    first_name = 2,
    last_name = 3,
    nick_name = 4,
    display_name = 5,
    email = 6,
    state = 7,
    kind = 8,
    created = 9,
};

}  // namespace godwit::user
