// How a users row becomes a User, and what every change of one goes through. Internal to this folder.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/user/login_names.h"
#include "directory/user/types.h"
#include "store/editor.h"
#include "store/event_body.h"

namespace godwit::user {

/// A row with what a User does not show.
struct UserRow {
    User user;  ///< without login names
    std::int64_t login_scope = 0;
};

/// SELECT <kUserColumns> FROM <kUserFrom> WHERE u.instance_no = ?1 AND …
extern const std::string_view kUserColumns, kUserFrom;
inline constexpr int kUserColumnCount = 29;
UserRow user_of(const store::Row& row);

/// nullopt: none. A user outside `ref.within` is found all the same: compare its org.
Result<std::optional<UserRow>> find_row(store::Reader& db, const Ref& ref);
/// As find_row; `missing` when there is none or it lies outside `ref.within`.
Result<UserRow> get_row(store::Reader& db, const Ref& ref, const Error& missing);

/// What users.email_key holds for `address`: nothing where the user name stands for it.
std::optional<std::string> email_key_of(const UserRow& row, std::string_view address);

/// Adds the login names.
Result<std::vector<User>> finish(Namings& namings, std::vector<UserRow> rows);

/// An event of a change; the aggregate, owner and editor are those of the change.
struct Happened {
    std::string_view type;
    std::string body = "{}";
};

/// What every change of a user does: runs `set` ("state = ?6, …"; parameters from ?6 on; may be empty) on the row if it is still the
/// version that was read (aborted otherwise), raises the version by the number of events, appends them.
Result<directory::Change> apply(store::Writer& db, InstanceScope instance, const UserRow& row, const store::Editor& editor,
                                std::string_view set, std::initializer_list<store::Value> params, std::span<const Happened> events);

/// A change from beginning to end: reads the user (`missing` when there is none within the scope), lets `fn(db, row)` decide and write,
/// and begins again when another change of this user came between.
template <class Fn>
Result<directory::Change> change(store::Store& store, const Ref& ref, const Error& missing, Fn&& fn) {
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
        auto result = store.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
            const UserRow row = TRY(get_row(db, ref, missing));
            return fn(db, row);
        });
        if (result || result.error().code != Code::aborted || attempt == kAttempts) return result;
    }
}

/// Not found, for `missing`.
inline Error no_user(std::string_view id) { return {Code::not_found, std::string(id), "User could not be found"}; }

/// NULL for "", for SQL.
inline std::optional<std::string_view> unless_empty(std::string_view text) { return text.empty() ? std::nullopt : std::optional(text); }

/// The number of a State or Kind, for SQL.
template <class Enum>
constexpr std::int64_t number(Enum value) {
    return static_cast<std::int64_t>(value);
}

}  // namespace godwit::user
