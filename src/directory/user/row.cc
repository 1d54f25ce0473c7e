#include "directory/user/row.h"

#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/user/auth_epoch.h"

namespace godwit::user {

const std::string_view kUserColumns =
    "u.id, u.public_id, u.org_id, o.public_id, u.kind, u.state, u.version, " GODWIT_AUTH_EPOCH
    ", u.created_at, u.changed_at, u.login_scope, "
    "u.name, u.given_name, u.family_name, u.display_name, u.nick_name, u.lang, u.gender, u.avatar, u.email, u.email_verified_at, "
    "u.email_source, u.phone, u.phone_verified_at, u.description, u.access_token_type, p.changed_at, p.change_required, s.user_id";

const std::string_view kUserFrom =
    "users u "
    "LEFT JOIN organizations o ON o.instance_no = u.instance_no AND o.id = u.org_id "
    "LEFT JOIN user_passwords p ON p.instance_no = u.instance_no AND p.user_id = u.id "
    "LEFT JOIN machine_secrets s ON s.instance_no = u.instance_no AND s.user_id = u.id";

UserRow user_of(const store::Row& row) {
    int at = 0;
    const auto text = [&] { return std::string(row.text(at++)); };
    UserRow out;
    User& user = out.user;
    user.id = row.id<UserId>(at++);
    user.public_id = directory::display_id(user.id.key, row.text(at++));
    user.org = row.id<OrgId>(at++);
    user.org_id = directory::display_id(user.org.key, row.text(at++));
    const auto kind = static_cast<Kind>(row.i64(at++));
    user.state = static_cast<State>(row.i64(at++));
    user.stamp.sequence = row.i64(at++);
    user.auth_epoch = row.i64(at++);
    user.stamp.created = row.time(at++);
    user.stamp.changed = row.time(at++);
    out.login_scope = row.i64(at++);
    user.name = text();

    Human human;
    human.profile.first_name = text();
    human.profile.last_name = text();
    human.profile.display_name = text();
    human.profile.nick_name = text();
    human.profile.language = text();
    human.profile.gender = static_cast<Gender>(row.i64(at++));
    human.profile.avatar = text();
    human.email.address = text();
    human.email.verified_at = row.maybe_time(at++);
    human.email.source = text();
    human.phone.number = text();
    human.phone.verified_at = row.maybe_time(at++);
    Machine machine;
    machine.description = text();
    machine.token_kind = static_cast<TokenKind>(row.i64(at++));
    human.password_changed = row.maybe_time(at++);
    human.password_change_required = row.flag(at++);
    machine.has_secret = !row.null(at++);

    if (kind == Kind::human) {
        user.as = std::move(human);
    } else {
        machine.name = std::move(human.profile.display_name);
        user.as = std::move(machine);
    }
    return out;
}

Result<std::optional<UserRow>> find_row(store::Reader& db, const Ref& ref) {
    std::optional<UserRow> found;
    const auto take = [&](const store::Row& row) { found = user_of(row); };
    const std::string select = "SELECT " + std::string(kUserColumns) + " FROM " + std::string(kUserFrom) + " WHERE u.instance_no = ?1 AND ";
    if (ref.id) {
        TRY(db.query(ref.instance, select + "u.id = ?2", {ref.id}, take));
    } else if (const auto key = directory::generated_key(ref.public_id)) {
        TRY(db.query(ref.instance, select + "u.id = ?2 AND u.public_id IS NULL", {*key}, take));
    } else if (!ref.public_id.empty() && is_valid_utf8(ref.public_id)) {
        TRY(db.query(ref.instance, select + "u.public_id_key = ?2 AND u.public_id = ?3", {fold(ref.public_id), ref.public_id}, take));
    }
    return found;
}

Result<UserRow> get_row(store::Reader& db, const Ref& ref, const Error& missing) {
    auto found = TRY(find_row(db, ref));
    if (!found || (ref.within && found->user.org != ref.within)) return fail(missing);
    return *std::move(found);
}

ProfileKeys keys_of(const Profile& profile) {
    return {.given = fold(profile.first_name),
            .family = fold(profile.last_name),
            .nick = fold(profile.nick_name),
            .display = fold(profile.display_name)};
}

std::optional<std::string> email_key_of(const UserRow& row, std::string_view address) {
    std::string key = fold(address);
    if (key.empty() || (row.login_scope == 0 && key == fold(row.user.name))) return std::nullopt;
    return key;
}

Result<std::vector<User>> finish(Namings& namings, std::vector<UserRow> rows) {
    std::vector<User> users;
    users.reserve(rows.size());
    for (UserRow& row : rows) {
        const Naming* naming = TRY(namings.of(row.user.org));
        row.user.login_names = login_names(row.user.name, row.login_scope, *naming);
        row.user.preferred_login_name = row.user.login_names.front();
        users.push_back(std::move(row.user));
    }
    return users;
}

Result<directory::Change> apply(store::Writer& db, InstanceScope instance, const UserRow& row, const store::Editor& editor,
                                std::string_view set, std::initializer_list<store::Value> params, std::span<const Happened> events) {
    const User& user = row.user;
    const std::int64_t version = user.stamp.sequence + static_cast<std::int64_t>(events.size());
    std::vector<store::Value> values{user.id, user.stamp.sequence, version, db.now()};
    values.insert(values.end(), params);
    std::string sql = "UPDATE users SET version = ?4, changed_at = ?5";
    if (!set.empty()) sql.append(", ").append(set);
    sql += " WHERE instance_no = ?1 AND id = ?2 AND version = ?3";
    if (TRY(db.exec(instance, sql, std::span<const store::Value>(values))) == 0)
        return fail(Code::aborted, "USER-Vrs01", "the user was changed by someone else; try again");
    // The sessions that end with it lie in the other database, where applications are told of it (session/clients.h).
    if (set.contains("auth_epoch"))
        TRY(db.exec(instance,
                    "INSERT INTO ended_users (instance_no, user_id, ended_at) SELECT instance_no, id, auth_epoch FROM users "
                    "WHERE instance_no = ?1 AND id = ?2 AND auth_epoch = ?3 "
                    "ON CONFLICT (instance_no, user_id) DO UPDATE SET ended_at = excluded.ended_at",
                    {user.id, db.now()}));

    std::vector<store::Event> log;
    log.reserve(events.size());
    for (const Happened& event : events) log.push_back(store::event_of(editor, "user", user.id.key, event.type, user.org, event.body));
    TRY(db.append(instance, log));
    return directory::Change{.at = db.now(), .sequence = version, .resource_owner = user.org_id};
}

}  // namespace godwit::user
