#include "directory/user/links.h"

#include "base/unicode.h"
#include "directory/idp/idps.h"
#include "directory/object/public_id.h"
#include "directory/user/authenticators.h"
#include "directory/user/machine_rows.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

/// Passkeys or U2F keys, in the order they were registered.
Result<std::vector<Passkey>> webauthn_of(store::Reader& db, InstanceScope instance, UserId user, PasskeyUsage usage) {
    std::vector<Passkey> out;
    TRY(db.query(instance, "SELECT id, name, state FROM passkeys WHERE instance_no = ?1 AND user_id = ?2 AND usage = ?3 ORDER BY id",
                 {user, number(usage)}, [&](const store::Row& row) {
                     out.push_back({.id = std::to_string(row.i64(0)),
                                    .name = std::string(row.text(1)),
                                    .ready = row.i64(2) == number(FactorState::ready)});
                 }));
    return out;
}

}  // namespace

Result<directory::Listed<IdpLink>> Links::list(const Ref& ref, const store::Page& page) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<directory::Listed<IdpLink>> {
        directory::Listed<IdpLink> out;
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return out;
        store::Bindings b;
        const store::ListStatement list{.columns = "l.idp_id, i.public_id, i.name, i.kind, l.external_id, l.display_name",
                                        .from = "idp_links l JOIN idps i ON i.instance_no = l.instance_no AND i.id = l.idp_id",
                                        .where = "l.instance_no = ?1 AND l.user_id = " + b.bind(row->user.id),
                                        .order_by = "l.linked_at, l.idp_id, l.external_id"};
        out.total = TRY(store::run_list(db, ref.instance, list, b, in_order_made(page), [&](const store::Row& link) {
            out.rows.push_back({.user_id = row->user.public_id,
                                .idp_id = directory::display_id(link.i64(0), link.text(1)),
                                .idp_name = std::string(link.text(2)),
                                .idp_type = static_cast<int>(link.i64(3)),
                                .external_id = std::string(link.text(4)),
                                .display_name = std::string(link.text(5))});
        }));
        return out;
    });
}

Result<directory::Change> Links::add(const Ref& ref, const NewIdpLink& link, const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-6m9Kd"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(no_user("COMMAND-6m9Kd"));
        const auto idp = TRY(idp::find_idp(db, OrgScope(ref.instance, row.user.org), link.idp_id));
        if (!idp) return fail(Code::failed_precondition, "COMMAND-39nfs", "Identity Provider Configuration doesn't exist");
        if (link.external_id.empty() || code_points(link.external_id) > 200)
            return fail(Code::invalid_argument, "COMMAND-6m9Kd", "the id at the identity provider has between 1 and 200 characters");
        const auto added =
            TRY(db.exec(ref.instance,
                        "INSERT INTO idp_links (instance_no, idp_id, external_id, user_id, display_name, name_at_idp, origin, linked_at) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?5, 3, ?6) ON CONFLICT (instance_no, idp_id, external_id) DO NOTHING",
                        {idp->key, link.external_id, row.user.id, link.display_name, db.now()}));
        if (added == 0) return fail(Code::already_exists, "V3-DKcYh", "External IDP already taken");
        const Happened event{"user.human.externalidp.added", store::EventBody()
                                                                 .add("idpConfigId", link.idp_id)
                                                                 .add("userId", link.external_id)
                                                                 .add("displayName", link.display_name)
                                                                 .take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<directory::Change> Links::remove(const Ref& ref, std::string_view idp_id, std::string_view external_id,
                                        const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-1M9xR", "External IDP not found"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const auto idp = TRY(directory::resolve(db, ref.instance, directory::Noun::idp, idp_id));
        if (!idp) return fail(missing);
        const auto removed =
            TRY(db.exec(ref.instance, "DELETE FROM idp_links WHERE instance_no = ?1 AND idp_id = ?2 AND external_id = ?3 AND user_id = ?4",
                        {*idp, external_id, row.user.id}));
        if (removed == 0) return fail(missing);
        const Happened event{"user.human.externalidp.removed",
                             store::EventBody().add("idpConfigId", idp_id).add("userId", external_id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<std::vector<Factor>> Links::factors(const Ref& ref) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::vector<Factor>> {
        std::vector<Factor> out;
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return out;
        const UserId user = row->user.id;
        bool ready = false;
        const auto count = TRY(db.query(ref.instance, "SELECT state FROM user_totp WHERE instance_no = ?1 AND user_id = ?2", {user},
                                        [&](const store::Row& totp) { ready = ready || totp.i64(0) == number(FactorState::ready); }));
        if (count > 0) out.push_back({.kind = Factor::Kind::totp, .ready = ready, .id = {}, .name = {}});
        for (Passkey& key : TRY(webauthn_of(db, ref.instance, user, PasskeyUsage::second_factor)))
            out.push_back({.kind = Factor::Kind::u2f, .ready = key.ready, .id = std::move(key.id), .name = std::move(key.name)});
        TRY(db.query(ref.instance, "SELECT kind FROM user_otp WHERE instance_no = ?1 AND user_id = ?2 ORDER BY kind", {user},
                     [&](const store::Row& otp) {
                         const bool sms = otp.i64(0) == number(OtpKind::sms);
                         out.push_back(
                             {.kind = sms ? Factor::Kind::otp_sms : Factor::Kind::otp_email, .ready = true, .id = {}, .name = {}});
                     }));
        return out;
    });
}

Result<directory::Change> Links::remove_totp(const Ref& ref, const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-Hd9sd", "Multifactor OTP (OneTimePassword) doesn't exist"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (TRY(db.exec(ref.instance, "DELETE FROM user_totp WHERE instance_no = ?1 AND user_id = ?2", {row.user.id})) == 0)
            return fail(missing);
        const Happened event{"user.human.mfa.otp.removed"};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<directory::Change> Links::remove_otp(const Ref& ref, Factor::Kind kind, const store::Editor& editor) {
    const bool sms = kind == Factor::Kind::otp_sms;
    const Error missing{Code::not_found, sms ? "COMMAND-Sr3h3" : "COMMAND-b312D", "Multifactor OTP (OneTimePassword) doesn't exist"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (TRY(db.exec(ref.instance, "DELETE FROM user_otp WHERE instance_no = ?1 AND user_id = ?2 AND kind = ?3",
                        {row.user.id, number(sms ? OtpKind::sms : OtpKind::email)})) == 0)
            return fail(missing);
        const Happened event{sms ? "user.human.otp.sms.removed" : "user.human.otp.email.removed"};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<std::vector<Passkey>> Links::passkeys(const Ref& ref) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::vector<Passkey>> {
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return std::vector<Passkey>();
        return webauthn_of(db, ref.instance, row->user.id, PasskeyUsage::passwordless);
    });
}

Result<directory::Change> Links::remove_passkey(const Ref& ref, std::string_view id, const store::Editor& editor) {
    return remove_webauthn(ref, id, true, editor);
}

Result<directory::Change> Links::remove_u2f(const Ref& ref, std::string_view id, const store::Editor& editor) {
    return remove_webauthn(ref, id, false, editor);
}

Result<directory::Change> Links::remove_webauthn(const Ref& ref, std::string_view id, bool passwordless, const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-DAfb2", "WebAuthN Token could not be found"};
    const auto key = directory::generated_key(id);
    if (!key) return fail(missing);
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const auto usage = passwordless ? PasskeyUsage::passwordless : PasskeyUsage::second_factor;
        if (TRY(db.exec(ref.instance, "DELETE FROM passkeys WHERE instance_no = ?1 AND user_id = ?2 AND id = ?3 AND usage = ?4",
                        {row.user.id, *key, number(usage)})) == 0)
            return fail(missing);
        const Happened event{passwordless ? "user.human.passwordless.token.removed" : "user.human.mfa.u2f.token.removed",
                             store::EventBody().add("webAuthNTokenId", id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<Links::Enrolled> Links::enrolled(InstanceScope instance, UserId user) {
    Enrolled out;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        // One round trip; tens tell the tables apart.
        return db.query(instance,
                        "SELECT 0 FROM user_totp WHERE instance_no = ?1 AND user_id = ?2 AND state = ?3 UNION ALL "
                        "SELECT 10 + usage FROM passkeys WHERE instance_no = ?1 AND user_id = ?2 AND state = ?3 UNION ALL "
                        "SELECT 20 + kind FROM user_otp WHERE instance_no = ?1 AND user_id = ?2",
                        {user, number(FactorState::ready)}, [&](const store::Row& row) {
                            const std::int64_t what = row.i64(0);
                            out.totp |= what == 0;
                            out.passwordless |= what == 10 + number(PasskeyUsage::passwordless);
                            out.u2f |= what == 10 + number(PasskeyUsage::second_factor);
                            out.otp_sms |= what == 20 + number(OtpKind::sms);
                            out.otp_email |= what == 20 + number(OtpKind::email);
                        });
    }));
    return out;
}

}  // namespace godwit::user
