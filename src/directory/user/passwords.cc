#include "directory/user/passwords.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

Result<directory::Change> store_password(store::Writer& db, const Ref& ref, const UserRow& row, const NewPassword& password,
                                         const store::Editor& editor) {
    TRY(db.exec(ref.instance,
                "INSERT INTO user_passwords (instance_no, user_id, encoded, scheme, proof, change_required, changed_at) "
                "VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT (instance_no, user_id) DO UPDATE SET encoded = excluded.encoded, "
                "scheme = excluded.scheme, params = NULL, pepper_ref = NULL, proof = 0, proof_at = NULL, "
                "change_required = excluded.change_required, changed_at = excluded.changed_at",
                {row.user.id, password.encoded, password.scheme, password.change_required, db.now()}));
    TRY(db.exec(ref.instance, "DELETE FROM user_codes WHERE instance_no = ?1 AND user_id = ?2 AND kind IN (1, 4)", {row.user.id}));
    const Happened event{"user.human.password.changed", store::EventBody().add("changeRequired", password.change_required).take()};
    const State state = row.user.state == State::initial ? State::active : row.user.state;
    return apply(db, ref.instance, row, editor, "auth_epoch = ?5, state = ?6", {number(state)}, std::span(&event, 1));
}

}  // namespace

Result<void> check_complexity(std::string_view password, const Complexity& policy) {
    const auto refuse = [](std::string_view id, std::string_view message) { return fail(Code::invalid_argument, id, message); };
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto is_symbol = [](char c) { return !is_ascii_alpha(c) && !is_ascii_digit(c); };
    const std::size_t length = code_points(password);
    if (length < policy.min_length) return refuse("DOMAIN-HuJf6", "Password is too short");
    if (length > kMaxPasswordCharacters) return refuse("USER-PwLen", "Password is too long: at most 200 characters");
    if (policy.lower && std::ranges::none_of(password, is_lower)) return refuse("DOMAIN-co3Xw", "Password must contain lower case");
    if (policy.upper && std::ranges::none_of(password, is_upper)) return refuse("DOMAIN-VoaRj", "Password must contain upper case");
    if (policy.number && std::ranges::none_of(password, is_ascii_digit)) return refuse("DOMAIN-ZBv4H", "Password must contain number");
    if (policy.symbol && std::ranges::none_of(password, is_symbol)) return refuse("DOMAIN-ZDLwA", "Password must contain symbol");
    return {};
}

Result<std::optional<StoredPassword>> Passwords::find(const Ref& ref) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<StoredPassword>> {
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return std::nullopt;
        StoredPassword out{.user = row->user.id,
                           .public_id = row->user.public_id,
                           .org = row->user.org,
                           .state = row->user.state,
                           .auth_epoch = row->user.auth_epoch,
                           .encoded = {},
                           .change_required = row->user.human() && row->user.human()->password_change_required,
                           .changed = {}};
        TRY(db.query(ref.instance,
                     "SELECT o.state, p.encoded, p.proof, p.changed_at FROM organizations o "
                     "LEFT JOIN user_passwords p ON p.instance_no = o.instance_no AND p.user_id = ?2 "
                     "WHERE o.instance_no = ?1 AND o.id = ?3",
                     {out.user, out.org}, [&](const store::Row& found) {
                         out.org_active = found.i64(0) == 1;
                         out.encoded = found.text(1);
                         out.proved = found.flag(2);
                         out.changed = found.time(3);
                     }));
        return out;
    });
}

Result<directory::Change> Passwords::set(const Ref& ref, const NewPassword& password, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-G8dh3"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(no_user("COMMAND-G8dh3"));
        return store_password(db, ref, row, password, editor);
    });
}

Result<directory::Change> Passwords::change_own(const Ref& ref, std::string_view expected, const NewPassword& password,
                                                const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-G8dh3"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(no_user("COMMAND-G8dh3"));
        // The row is touched first, so that two changes made on the same old password do not both succeed.
        const auto same =
            TRY(db.exec(ref.instance, "UPDATE user_passwords SET proof = 0 WHERE instance_no = ?1 AND user_id = ?2 AND encoded = ?3",
                        {row.user.id, expected}));
        if (same == 0) return fail(Code::failed_precondition, "USER-Pwd02", "the password was changed meanwhile; sign in again");
        return store_password(db, ref, row, password, editor);
    });
}

Result<bool> Passwords::rehash(InstanceScope instance, UserId user, std::string_view expected, const NewPassword& password) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<bool> {
        const auto same = TRY(db.exec(instance,
                                      "UPDATE user_passwords SET encoded = ?4, scheme = ?5, params = NULL, pepper_ref = NULL, proof = 1, "
                                      "proof_at = ?6 WHERE instance_no = ?1 AND user_id = ?2 AND encoded = ?3",
                                      {user, expected, password.encoded, password.scheme, db.now()}));
        if (same == 0) return false;
        std::int64_t owner = 0;
        TRY(db.query(instance, "SELECT org_id FROM users WHERE instance_no = ?1 AND id = ?2", {user},
                     [&](const store::Row& row) { owner = row.i64(0); }));
        const store::Editor self{.user = user, .service = "Login", .request_id = {}};
        TRY(db.append(instance, store::event_of(self, "user", user.key, "user.human.password.hash.updated", OrgId(owner),
                                                store::EventBody().add("scheme", password.scheme).take())));
        return true;
    });
}

Result<void> Passwords::note_proof(InstanceScope instance, UserId user, std::string_view expected) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(
            instance,
            "UPDATE user_passwords SET proof = 1, proof_at = ?4 WHERE instance_no = ?1 AND user_id = ?2 AND encoded = ?3 AND proof = 0",
            {user, expected, db.now()}));
        return {};
    });
}

}  // namespace godwit::user
