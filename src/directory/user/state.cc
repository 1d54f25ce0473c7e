// Users: from active to inactive, locked, gone, and back.
#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/user/row.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

/// Ends sessions and tokens: they are older than this.
constexpr std::string_view kEndSessions = "state = ?6, auth_epoch = ?5";

Result<directory::Change> move(store::Writer& db, const Ref& ref, const UserRow& row, const store::Editor& editor, std::string_view set,
                               State to, std::string_view event) {
    const Happened happened{event};
    return apply(db, ref.instance, row, editor, set, {number(to)}, std::span(&happened, 1));
}

/// Everything that is a user's own or names it; users itself goes last.
constexpr std::string_view kRemoveParts[] = {
    "DELETE FROM user_passwords WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM user_codes WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM user_totp WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM passkeys WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM recovery_codes WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM user_otp WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM machine_keys WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM machine_secrets WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM access_pats WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM idp_links WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM metadata WHERE instance_no = ?1 AND owner_id = ?2",
    "DELETE FROM user_grants WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM members WHERE instance_no = ?1 AND user_id = ?2",
    "DELETE FROM messages WHERE instance_no = ?1 AND user_id = ?2 AND state = 1",
    // The source's id stays, so that the same file does not bring the person back.
    "UPDATE external_refs SET state = 6 WHERE instance_no = ?1 AND object_id = ?2 AND kind = 1",
    "DELETE FROM users WHERE instance_no = ?1 AND id = ?2",
};

}  // namespace

Result<directory::Change> Users::deactivate(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-3M9ds"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (row.user.state == State::initial)
            return fail(Code::not_found, "COMMAND-ke0fw", "User with state initial can only be deleted not deactivated");
        if (row.user.state == State::inactive) return fail(Code::failed_precondition, "COMMAND-5M0sf", "User already inactive");
        return move(db, ref, row, editor, kEndSessions, State::inactive, "user.deactivated");
    });
}

Result<directory::Change> Users::reactivate(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-4M9sd"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (row.user.state != State::inactive) return fail(Code::failed_precondition, "COMMAND-6M0sf", "User is not inactive");
        return move(db, ref, row, editor, "state = ?6", State::active, "user.reactivated");
    });
}

Result<directory::Change> Users::lock(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-5M9fs"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (row.user.state != State::active && row.user.state != State::initial)
            return fail(Code::failed_precondition, "COMMAND-3NN8v", "User is not active or initial");
        return move(db, ref, row, editor, kEndSessions, State::locked, "user.locked");
    });
}

Result<directory::Change> Users::unlock(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-M0dse"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (row.user.state != State::locked) return fail(Code::failed_precondition, "COMMAND-4M0ds", "User is not locked");
        return move(db, ref, row, editor, "state = ?6", State::active, "user.unlocked");
    });
}

Result<directory::Change> Users::end_sessions(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-5M9ft"), [&](store::Writer& db, const UserRow& row) {
        const Happened event{"user.human.signed.out"};
        return apply(db, ref.instance, row, editor, "auth_epoch = ?5", {}, std::span(&event, 1));
    });
}

Result<directory::Change> Users::remove(const Ref& ref, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-m9od"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const Happened event{"user.removed", store::EventBody().add("userName", row.user.name).take()};
        const auto done = TRY(apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1)));
        if (row.user.public_id != std::to_string(row.user.id.key)) {
            TRY(db.exec(
                ref.instance,
                "INSERT INTO user_tombstones (instance_no, public_id_key, user_id, removed_at) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (instance_no, public_id_key) DO UPDATE SET user_id = excluded.user_id, removed_at = excluded.removed_at",
                {fold(row.user.public_id), row.user.id, db.now()}));
        }
        for (const std::string_view sql : kRemoveParts) TRY(db.exec(ref.instance, sql, {row.user.id}));
        return done;
    });
}

}  // namespace godwit::user
