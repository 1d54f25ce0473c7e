// Ids in both forms: int64 inside, text to the world (docs/data-model.md, decision 2). A row has a generated `id` and a
// `public_id` that is NULL when it equals the decimal of `id`; `public_id_key` beside it is its folded form, and unique.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Reader;
class Writer;
}  // namespace godwit::store

namespace godwit::directory {

/// The kinds of objects whose ids the world sees; each is a table with (instance_no, id, public_id).
enum class Noun { organization, user, project, application, idp, project_grant, user_grant, machine_key, application_key };

/// The id as the contract shows it: `public_id`, or the decimal of `key` when that is empty.
std::string display_id(std::int64_t key, std::string_view public_id);

/// The row a contract id names; nullopt when there is none. One look-up: primary key for a generated id, U(i, public_id_key) otherwise,
/// where the id must then be the same byte for byte.
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

/// The three columns id, public_id, public_id_key of a new row.
struct NewId {
    std::int64_t key = 0;
    std::optional<std::string> public_id;
    std::optional<std::string> public_id_key;

    std::string shown() const { return display_id(key, public_id ? *public_id : std::string_view{}); }
};

/// A fresh key, with the id the caller gave, if any. Errors: those of accept_given_id.
Result<NewId> make_id(store::Writer& db, const std::optional<std::string>& given);

}  // namespace godwit::directory
