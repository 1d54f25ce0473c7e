// Users: changing name, profile, addresses and what a machine is called.
#include "base/unicode.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/code.h"
#include "directory/user/draft.h"
#include "directory/user/row.h"
#include "directory/user/taken.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

/// A machine has none of what the call asks for: it answers as for nobody.
Error not_human(std::string_view id) { return no_user(id); }

}  // namespace

Result<directory::Change> Users::change_name(const Ref& ref, std::string_view name, const store::Editor& editor) {
    TRY(accept_name(name));
    return change(store_, ref, no_user("COMMAND-5N9ds"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (row.user.name == name) return fail(Code::failed_precondition, "COMMAND-6m9gs", "Username not changed");
        const OrgScope org(ref.instance, row.user.org);
        const Naming naming = TRY(naming_of(db, org));
        const std::int64_t login_scope = naming.login_scope(row.user.org);
        const std::string key = fold(name);
        if (key != fold(row.user.name) || login_scope != row.login_scope) TRY(check_name_free(db, org, naming, name));
        // The e-mail's own key is kept only where the name does not stand for it (users.email_key).
        const std::string email_key = row.user.human() ? fold(row.user.human()->email.address) : std::string();
        const auto kept =
            email_key.empty() || (login_scope == 0 && email_key == key) ? std::nullopt : std::optional(std::string_view(email_key));
        const Happened event{"user.username.changed", store::EventBody().add("userName", name).take()};
        return directory::unique_as(apply(db, ref.instance, row, editor, "name = ?6, name_key = ?7, login_scope = ?8, email_key = ?9",
                                          {name, key, login_scope, kept}, std::span(&event, 1)),
                                    "V3-DKcYh", "User already exists");
    });
}

Result<directory::Change> Users::change_profile(const Ref& ref, const Profile& wanted, const store::Editor& editor) {
    Profile profile = TRY(accept_profile(wanted));
    return change(store_, ref, not_human("COMMAND-3M9sd"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(not_human("COMMAND-3M9sd"));
        const Profile& old = row.user.human()->profile;
        profile.avatar = old.avatar;
        if (profile == old) return fail(Code::failed_precondition, "COMMAND-2M0fs", "Profile not changed");
        const ProfileKeys keys = keys_of(profile);
        const Happened event{"user.human.profile.changed", changed_profile(profile)};
        return apply(db, ref.instance, row, editor,
                     "given_name = ?6, family_name = ?7, nick_name = ?8, display_name = ?9, lang = ?10, gender = ?11, given_key = ?12, "
                     "family_key = ?13, nick_key = ?14, display_key = ?15",
                     {profile.first_name, profile.last_name, profile.nick_name, profile.display_name, profile.language,
                      number(profile.gender), keys.given, keys.family, keys.nick, keys.display},
                     std::span(&event, 1));
    });
}

Result<directory::Change> Users::change_email(const Ref& ref, std::string_view address, bool verified, const store::Editor& editor) {
    TRY(accept_email(address));
    const auto sealer = TRY(sealers_.of(ref.instance));
    return change(store_, ref, not_human("COMMAND-0Pe4r"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(not_human("COMMAND-0Pe4r"));
        if (row.user.state == State::initial) return fail(Code::failed_precondition, "COMMAND-J8dsk", "User is not yet initialized");
        const Email& old = row.user.human()->email;
        const bool other = old.address != address;
        if (!other && (!verified || old.verified())) return fail(Code::failed_precondition, "COMMAND-2b7fM", "Email not changed");

        std::vector<Happened> events;
        if (other) events.push_back({"user.human.email.changed", store::EventBody().add("email", address).take()});
        if (verified) {
            events.push_back({"user.human.email.verified"});
        } else {
            TRY(send_code(db, ref.instance, *sealer, row.user, CodeKind::email, address));
            events.push_back({"user.human.email.code.added"});
        }
        return apply(db, ref.instance, row, editor, "email = ?6, email_key = ?7, email_verified_at = ?8, email_source = ?9",
                     {address, email_key_of(row, address), verified ? std::optional(db.now()) : std::nullopt, verified ? "admin" : ""},
                     events);
    });
}

Result<directory::Change> Users::change_phone(const Ref& ref, std::string_view wanted, bool verified, const store::Editor& editor) {
    const std::string phone = TRY(normalise_phone(wanted));
    const auto sealer = TRY(sealers_.of(ref.instance));
    return change(store_, ref, not_human("COMMAND-aM9cs"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human()) return fail(not_human("COMMAND-aM9cs"));
        const Phone& old = row.user.human()->phone;
        const bool other = old.number != phone;
        if (!other && (!verified || old.verified())) return fail(Code::failed_precondition, "COMMAND-wF94r", "Phone not changed");

        std::vector<Happened> events;
        if (other) events.push_back({"user.human.phone.changed", store::EventBody().add("phone", phone).take()});
        if (verified) {
            events.push_back({"user.human.phone.verified"});
        } else {
            TRY(send_code(db, ref.instance, *sealer, row.user, CodeKind::phone, phone));
            events.push_back({"user.human.phone.code.added"});
        }
        return apply(db, ref.instance, row, editor, "phone = ?6, phone_verified_at = ?7",
                     {phone, verified ? std::optional(db.now()) : std::nullopt}, events);
    });
}

Result<directory::Change> Users::remove_phone(const Ref& ref, const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-p6rsc", "Phone not found"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.human() || row.user.human()->phone.number.empty()) return fail(missing);
        const Happened event{"user.human.phone.removed"};
        return apply(db, ref.instance, row, editor, "phone = NULL, phone_verified_at = NULL", {}, std::span(&event, 1));
    });
}

Result<directory::Change> Users::change_machine(const Ref& ref, std::string_view name, std::string_view description, TokenKind token_kind,
                                                const store::Editor& editor) {
    return change(store_, ref, no_user("COMMAND-5M0od"), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const Machine* old = row.user.machine();
        if (!old) return fail(no_user("COMMAND-5M0od"));
        if (old->name == name && old->description == description && old->token_kind == token_kind)
            return fail(Code::failed_precondition, "COMMAND-2n8vs", "User has not been changed");
        const Happened event{
            "user.machine.changed",
            store::EventBody().add("name", name).add("description", description).add("accessTokenType", number(token_kind)).take()};
        return apply(db, ref.instance, row, editor, "display_name = ?6, description = ?7, access_token_type = ?8, display_key = ?9",
                     {name, description, number(token_kind), fold(name)}, std::span(&event, 1));
    });
}

}  // namespace godwit::user
