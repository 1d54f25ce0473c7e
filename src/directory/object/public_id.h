// Ids in both forms: int64 inside, text to the world (docs/data-model.md, decision 2). A row has a generated `id` and a
// `public_id` that is NULL when it equals the decimal of `id`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Reader;
}

namespace godwit::directory {

/// The kinds of objects whose ids the world sees; each is a table with (instance_no, id, public_id).
enum class Noun { organization, user, project, application, idp, project_grant };

/// The id as the contract shows it: `public_id`, or the decimal of `key` when that is empty.
std::string display_id(std::int64_t key, std::string_view public_id);

/// The row a contract id names; nullopt when there is none. One look-up: primary key for a generated id, U(i, public_id) otherwise.
Result<std::optional<std::int64_t>> resolve(store::Reader& db, InstanceScope scope, Noun noun, std::string_view text);

template <class IdType>
Result<std::optional<IdType>> resolve_as(store::Reader& db, InstanceScope scope, Noun noun, std::string_view text) {
    auto found = resolve(db, scope, noun, text);
    if (!found) return std::unexpected(std::move(found).error());
    if (!*found) return std::nullopt;
    return IdType(**found);
}

/// The contract id of the row `key`; nullopt when there is no such row.
Result<std::optional<std::string>> find_public_id(store::Reader& db, InstanceScope scope, Noun noun, std::int64_t key);

/// The key of a canonical decimal in the generated range ("4611686018427387904" …); nullopt for any other text.
std::optional<std::int64_t> generated_key(std::string_view text);

/// Checks an id that a caller or a file wants to give to a new object: 1–200 characters of UTF-8 without control characters, and
/// not in the range of generated ids (so that a file can never claim a subject that exists or will exist). Errors: invalid_argument
/// ID-Fmt01 (form) or ID-Rsv01 (reserved). It may still be taken: that shows as a unique violation at insert.
Result<void> accept_given_id(std::string_view text);

}  // namespace godwit::directory
