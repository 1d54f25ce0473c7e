#include "directory/user/codes.h"

#include "crypto/compare.h"
#include "crypto/random.h"
#include "directory/key/sealers.h"
#include "directory/object/public_id.h"
#include "directory/user/code.h"
#include "directory/user/draft.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

constexpr std::int64_t kMaxAttempts = 5;

Result<directory::Change> send(store::Writer& db, const Ref& ref, const crypto::Sealer& sealer, const UserRow& row, CodeKind kind,
                               std::string_view target, std::string_view event, const store::Editor& editor) {
    TRY(send_code(db, ref.instance, sealer, row.user, kind, target));
    const Happened happened{event};
    return apply(db, ref.instance, row, editor, "", {}, std::span(&happened, 1));
}

}  // namespace

Result<directory::Change> Codes::resend_initialization(const Ref& ref, std::string_view email, const store::Editor& editor) {
    if (!email.empty()) TRY(accept_email(email));
    const auto sealer = TRY(sealers_.of(ref.instance));
    return change(store_, ref, no_user("COMMAND-2M9df"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(no_user("COMMAND-2M9df"));
        if (row.user.state != State::initial) return fail(Code::failed_precondition, "COMMAND-2M9sd", "User is already initialized");
        UserRow now = row;
        Human& human = std::get<Human>(now.user.as);
        if (!email.empty() && human.email.address != email) {
            const Happened changed{"user.human.email.changed", store::EventBody().add("email", email).take()};
            now.user.stamp.sequence =
                TRY(apply(db, ref.instance, row, editor, "email = ?6, email_key = ?7, email_verified_at = NULL, email_source = ''",
                          {email, email_key_of(row, email)}, std::span(&changed, 1)))
                    .sequence;
            human.email.address = email;
        }
        return send(db, ref, *sealer, now, CodeKind::initialize, human.email.address, "user.human.initialization.code.added", editor);
    });
}

Result<directory::Change> Codes::resend_email_verification(const Ref& ref, const store::Editor& editor) {
    const auto sealer = TRY(sealers_.of(ref.instance));
    return change(store_, ref, no_user("COMMAND-0Pe4r"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const Human* human = row.user.human();
        if (!human) return fail(no_user("COMMAND-0Pe4r"));
        if (row.user.state == State::initial) return fail(Code::failed_precondition, "COMMAND-E3fbw", "User is not yet initialized");
        if (human->email.verified()) return fail(Code::failed_precondition, "COMMAND-3M9ds", "Email is already verified");
        return send(db, ref, *sealer, row, CodeKind::email, human->email.address, "user.human.email.code.added", editor);
    });
}

Result<directory::Change> Codes::resend_phone_verification(const Ref& ref, const store::Editor& editor) {
    const auto sealer = TRY(sealers_.of(ref.instance));
    const Error missing{Code::not_found, "COMMAND-2b7Hf", "Phone not found"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const Human* human = row.user.human();
        if (!human || human->phone.number.empty()) return fail(missing);
        if (human->phone.verified()) return fail(Code::failed_precondition, "COMMAND-2M9sf", "Phone is already verified");
        return send(db, ref, *sealer, row, CodeKind::phone, human->phone.number, "user.human.phone.code.added", editor);
    });
}

Result<directory::Change> Codes::send_password_reset(const Ref& ref, bool by_sms, const store::Editor& editor) {
    const auto sealer = TRY(sealers_.of(ref.instance));
    return change(store_, ref, no_user("COMMAND-Hj9ds"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const Human* human = row.user.human();
        if (!human) return fail(no_user("COMMAND-Hj9ds"));
        if (row.user.state == State::initial) return fail(Code::failed_precondition, "COMMAND-2M9sd", "User is not yet initialized");
        const std::string& target = by_sms ? human->phone.number : human->email.address;
        return send(db, ref, *sealer, row, CodeKind::password_reset, target, "user.human.password.code.added", editor);
    });
}

Result<Codes::Registration> Codes::passwordless_registration(const Ref& ref, bool send_link, const store::Editor& editor) {
    const auto sealer = TRY(sealers_.of(ref.instance));
    Registration out;
    const Error missing = no_user("COMMAND-Mf3fs");
    auto changed = change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(missing);
        const std::string& address = row.user.human()->email.address;
        out.code = TRY(send_link ? send_code(db, ref.instance, *sealer, row.user, CodeKind::passwordless, address)
                                 : issue_code(db, ref.instance, *sealer, row.user.id, CodeKind::passwordless, ""));
        const Happened event{
            send_link ? "user.human.passwordless.initialization.code.requested" : "user.human.passwordless.initialization.code.added",
            store::EventBody().add("id", out.code.id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
    if (changed) {
        out.change = *std::move(changed);
        return out;
    }
    if (changed.error() != missing) return fail(std::move(changed).error());
    // As recorded: the answer does not tell that there is no such user. This code opens nothing.
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<Registration> {
        Registration nobody;
        nobody.code = {.id = std::to_string(db.new_id()),
                       .code = Secret(crypto::random_token(9)),
                       .expires = db.now() + lifetime_of(CodeKind::passwordless)};
        const auto org = TRY(directory::find_public_id(db, ref.instance, directory::Noun::organization, ref.within.key));
        nobody.change = {.at = db.now(), .sequence = 1, .resource_owner = org.value_or("")};
        return nobody;
    });
}

Result<bool> Codes::redeem(InstanceScope instance, UserId user, CodeKind kind, std::string_view code_id, std::string_view code) {
    const auto sealer = TRY(sealers_.of(instance));
    const std::string hash = code_hash(*sealer, user, kind, code);
    const std::int64_t id = directory::generated_key(code_id).value_or(0);
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<bool> {
        // The attempt is counted first, in the row itself: a thousand guesses at once are a thousand attempts.
        const auto open = TRY(db.exec(instance,
                                      "UPDATE user_codes SET attempts = attempts + 1 WHERE instance_no = ?1 AND user_id = ?2 AND kind = ?3 "
                                      "AND code_id = ?4 AND attempts < ?5 AND expires_at > ?6",
                                      {user, number(kind), id, kMaxAttempts, db.now()}));
        if (open == 0) return false;
        bool right = false;
        TRY(db.query(instance, "SELECT hash FROM user_codes WHERE instance_no = ?1 AND user_id = ?2 AND kind = ?3 AND code_id = ?4",
                     {user, number(kind), id}, [&](const store::Row& row) { right = crypto::constant_time_equals(row.blob(0), hash); }));
        if (right) {
            TRY(db.exec(instance, "DELETE FROM user_codes WHERE instance_no = ?1 AND user_id = ?2 AND kind = ?3 AND code_id = ?4",
                        {user, number(kind), id}));
        }
        return right;
    });
}

}  // namespace godwit::user
