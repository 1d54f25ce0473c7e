// Users::merge: one user, in a transaction that is already open.
#include <deque>

#include "base/unicode.h"
#include "directory/key/sealers.h"
#include "directory/object/public_id.h"
#include "directory/project/holding.h"
#include "directory/user/authenticators.h"
#include "directory/user/draft.h"
#include "directory/user/grant_rows.h"
#include "directory/user/machine_rows.h"
#include "directory/user/merge_plan.h"
#include "directory/user/row.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

class Merge {
public:
    Merge(store::Writer& db, const OrgScope& org, const NewUser& given, const MergeOptions& options, const store::Editor& editor,
          UserRow row, MergePlan plan)
        : db_(db), org_(org), given_(given), options_(options), editor_(editor), row_(std::move(row)), plan_(std::move(plan)) {
        out_.lost = plan_.lost;
    }

    Result<Merged> run(const crypto::Sealer& sealer) {
        if (const auto* human = std::get_if<NewHuman>(&given_.as)) {
            now_ = *row_.user.human();
            if (options_.profile) TRY(take_person(*human));
            if (options_.secrets) TRY(take_secrets(*human, sealer));
            TRY(take_links());
        } else {
            machine_ = *row_.user.machine();
            if (options_.profile) take_machine(std::get<NewMachine>(given_.as));
            TRY(take_keys());
        }
        if (options_.profile) take_state();
        if (options_.metadata) TRY(take_metadata());
        TRY(take_grants());
        if (!events_.empty()) TRY(store());
        out_.changed = changed_ || !events_.empty();
        return std::move(out_);
    }

private:
    void happened(std::string_view type, std::string body = "{}") { events_.push_back({type, std::move(body)}); }
    /// What stays of two texts.
    std::string text_of(const std::string& here, const std::string& brought) const {
        const bool takes = !brought.empty() && (options_.replace || here.empty());
        return takes ? brought : here;
    }

    Result<void> take_person(const NewHuman& human) {
        const Profile& brought = human.profile;
        Profile profile = now_.profile;
        profile.first_name = text_of(profile.first_name, brought.first_name);
        profile.last_name = text_of(profile.last_name, brought.last_name);
        profile.nick_name = text_of(profile.nick_name, brought.nick_name);
        profile.display_name = text_of(profile.display_name, brought.display_name);
        profile.language = text_of(profile.language == "und" ? "" : profile.language, brought.language);
        if (brought.gender != Gender::unspecified && (options_.replace || profile.gender == Gender::unspecified))
            profile.gender = brought.gender;
        profile.avatar = text_of(profile.avatar, brought.avatar);
        profile = TRY(accept_profile(profile));
        if (profile != now_.profile) {
            now_.profile = profile;
            happened("user.human.profile.changed", changed_profile(profile));
        }
        return take_addresses(human);
    }

    void take_machine(const NewMachine& brought) {
        machine_.name = text_of(machine_.name, brought.name);
        machine_.description = text_of(machine_.description, brought.description);
        if (options_.replace && brought.token_kind == TokenKind::jwt) machine_.token_kind = TokenKind::jwt;
        const Machine& old = *row_.user.machine();
        if (machine_.name == old.name && machine_.description == old.description && machine_.token_kind == old.token_kind) return;
        happened("user.machine.changed", store::EventBody()
                                             .add("name", machine_.name)
                                             .add("description", machine_.description)
                                             .add("accessTokenType", number(machine_.token_kind))
                                             .take());
    }

    void take_state() {
        if (!options_.replace || !given_.state || *given_.state == row_.user.state) return;
        state_ = *given_.state;
        happened(state_ == State::active ? "user.reactivated" : state_ == State::locked ? "user.locked" : "user.deactivated");
    }

    Result<void> take_addresses(const NewHuman& human) {
        const std::string email = text_of(now_.email.address, human.email);
        const bool other = email != now_.email.address;
        if (other) {
            TRY(accept_email(email));
            happened("user.human.email.changed", store::EventBody().add("email", email).take());
            now_.email = {.address = email, .verified_at = {}, .source = {}};
        }
        if (human.email_verified && email == human.email && !now_.email.verified()) {
            now_.email.verified_at = db_.now();
            now_.email.source = human.email_source;
            happened("user.human.email.verified");
        }
        const std::string brought = human.phone.empty() ? std::string() : TRY(normalise_phone(human.phone));
        const std::string phone = text_of(now_.phone.number, brought);
        if (phone != now_.phone.number) {
            now_.phone = {.number = phone, .verified_at = {}};
            happened("user.human.phone.changed", store::EventBody().add("phone", phone).take());
        }
        if (human.phone_verified && phone == brought && !now_.phone.verified()) {
            now_.phone.verified_at = db_.now();
            happened("user.human.phone.verified");
        }
        return {};
    }

    Result<void> take_secrets(const NewHuman& human, const crypto::Sealer& sealer) {
        if (human.password) TRY(take_password(*human.password));
        if (!plan_.factors) return {};
        NewHuman factors = human;
        factors.passkeys = std::move(plan_.passkeys);
        AuthenticatorRows rows(db_, org_.instance(), sealer);
        rows.add(row_.user.id, factors, [&](std::string_view type, std::string body) { happened(type, std::move(body)); });
        return rows.write();
    }

    Result<void> take_keys() {
        std::deque<std::string> folded;
        std::vector<store::Value> rows;
        for (const NewMachineKey& key : plan_.machine_keys) {
            const std::int64_t id = db_.new_id();
            const auto row = key_row(id, key, folded.emplace_back(fold(key.key_id)), row_.user.id, db_.now());
            rows.insert(rows.end(), row.begin(), row.end());
            happened("user.machine.key.added", store::EventBody().add("keyId", directory::display_id(id, key.key_id)).take());
        }
        return rows.empty() ? Result<void>() : db_.insert_rows(org_.instance(), "machine_keys", kKeyInsert, rows);
    }

    Result<void> take_password(const NewPassword& password) {
        std::string stored;
        const auto rows = TRY(db_.query(org_.instance(), "SELECT encoded FROM user_passwords WHERE instance_no = ?1 AND user_id = ?2",
                                        {row_.user.id}, [&](const store::Row& row) { stored = row.text(0); }));
        if (rows > 0 && (!options_.replace || stored == password.encoded)) return {};
        TRY(db_.exec(org_.instance(),
                     "INSERT INTO user_passwords (instance_no, user_id, encoded, scheme, proof, change_required, changed_at) "
                     "VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT (instance_no, user_id) DO UPDATE SET encoded = excluded.encoded, "
                     "scheme = excluded.scheme, params = NULL, pepper_ref = NULL, proof = 0, proof_at = NULL, "
                     "change_required = excluded.change_required, changed_at = excluded.changed_at",
                     {row_.user.id, password.encoded, password.scheme, password.change_required, db_.now()}));
        if (rows > 0) epoch_ = db_.now().micros;  // sessions made by the old one end
        if (state_.value_or(row_.user.state) == State::initial) state_ = State::active;
        happened("user.human.password.changed", store::EventBody().add("changeRequired", password.change_required).take());
        return {};
    }

    Result<void> take_links() {
        for (const auto& [link, idp] : plan_.links) {
            TRY(db_.exec(org_.instance(),
                         "INSERT INTO idp_links (instance_no, idp_id, external_id, user_id, display_name, name_at_idp, origin, linked_at) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6)",
                         {idp, link.external_id, row_.user.id, link.display_name, db_.now()}));
            happened("user.human.externalidp.added", store::EventBody()
                                                         .add("idpConfigId", link.idp_id)
                                                         .add("userId", link.external_id)
                                                         .add("displayName", link.display_name)
                                                         .take());
        }
        return {};
    }

    Result<void> take_metadata() {
        for (const auto& [key, value] : given_.metadata) {
            const auto set = TRY(db_.exec(
                org_.instance(),
                options_.replace
                    ? "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, "
                      "?5) ON CONFLICT (instance_no, owner_id, name) DO UPDATE SET value = excluded.value, changed_at = "
                      "excluded.changed_at WHERE metadata.value <> excluded.value"
                    : "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, "
                      "?5) ON CONFLICT (instance_no, owner_id, name) DO NOTHING",
                {row_.user.id, key, store::Blob{value}, db_.now()}));
            if (set == 1) happened("user.metadata.set", store::EventBody().add("key", key).take());
        }
        return {};
    }

    /// Of a grant that is here the roles are replaced, or those it lacks are added.
    Result<void> take_grants() {
        for (const auto& [holding, roles] : plan_.grants) {
            const std::int64_t id = db_.new_id();
            const auto added =
                TRY(db_.exec(org_.instance(),
                             "INSERT INTO user_grants (instance_no, user_id, project_id, project_grant_id, org_id, id, roles, "
                             "created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) "
                             "ON CONFLICT (instance_no, user_id, project_id, project_grant_id, org_id) DO NOTHING",
                             {row_.user.id, holding.project.key, holding.grant, org_.org(), id, project::join_roles(roles), db_.now()}));
            if (added == 0) {
                TRY(change_grant(holding, roles));
                continue;
            }
            changed_ = true;
            TRY(db_.append(org_.instance(), store::event_of(editor_, "usergrant", id, "user.grant.added", org_.org(),
                                                            grant_body(row_.user.public_id, holding, roles))));
            TRY(project::keep_holding(db_, org_.instance(), holding.project.key, holding.grant));
        }
        return {};
    }

    Result<void> change_grant(const project::Holding& holding, const project::RoleKeys& brought) {
        std::int64_t id = 0;
        project::RoleKeys held;
        TRY(db_.query(
            org_.instance(),
            "SELECT id, roles FROM user_grants WHERE instance_no = ?1 AND user_id = ?2 AND project_id = ?3 AND project_grant_id = ?4 AND "
            "org_id = ?5",
            {row_.user.id, holding.project.key, holding.grant, org_.org()}, [&](const store::Row& row) {
                id = row.i64(0);
                held = project::split_roles(row.text(1));
            }));
        project::RoleKeys roles = brought;
        if (!options_.replace) roles.insert(roles.end(), held.begin(), held.end());
        roles = project::sorted_roles(std::move(roles));
        if (roles == held) return {};
        changed_ = true;
        TRY(db_.exec(org_.instance(), "UPDATE user_grants SET roles = ?3, changed_at = ?4 WHERE instance_no = ?1 AND id = ?2",
                     {id, project::join_roles(roles), db_.now()}));
        return db_.append(org_.instance(), store::event_of(editor_, "usergrant", id, "user.grant.changed", org_.org(),
                                                           grant_body(row_.user.public_id, holding, roles)));
    }

    Result<void> store() {
        const State state = state_.value_or(row_.user.state);
        if (state != row_.user.state && state != State::active) epoch_ = db_.now().micros;
        const std::int64_t epoch = std::max(epoch_, row_.user.auth_epoch);
        if (!row_.user.human()) {
            TRY(apply(db_, org_.instance(), row_, editor_,
                      "auth_epoch = ?6, state = ?7, display_name = ?8, display_key = ?9, description = ?10, access_token_type = ?11",
                      {epoch, number(state), machine_.name, fold(machine_.name), machine_.description, number(machine_.token_kind)},
                      events_));
            return {};
        }
        const ProfileKeys keys = keys_of(now_.profile);
        const auto& p = now_.profile;
        const auto phone = now_.phone.number.empty() ? std::nullopt : std::optional(std::string_view(now_.phone.number));
        TRY(apply(
            db_, org_.instance(), row_, editor_,
            "auth_epoch = ?6, state = ?7, given_name = ?8, family_name = ?9, nick_name = ?10, display_name = ?11, lang = ?12, gender = "
            "?13, "
            "given_key = ?14, family_key = ?15, nick_key = ?16, display_key = ?17, email = ?18, email_key = ?19, email_verified_at = ?20, "
            "email_source = ?21, phone = ?22, phone_verified_at = ?23, avatar = ?24",
            {epoch, number(state), p.first_name, p.last_name, p.nick_name, p.display_name, p.language, number(p.gender), keys.given,
             keys.family, keys.nick, keys.display, now_.email.address, email_key_of(row_, now_.email.address), now_.email.verified_at,
             now_.email.source, phone, now_.phone.verified_at, p.avatar},
            events_));
        return {};
    }

    store::Writer& db_;
    const OrgScope& org_;
    const NewUser& given_;
    const MergeOptions& options_;
    const store::Editor& editor_;
    const UserRow row_;
    MergePlan plan_;
    Human now_;        ///< of a person
    Machine machine_;  ///< of a machine
    std::optional<State> state_;
    std::int64_t epoch_ = 0;
    bool changed_ = false;
    std::vector<Happened> events_;
    Merged out_;
};

}  // namespace

Result<Merged> Users::merge(store::Writer& db, const OrgScope& org, UserId id, const NewUser& given, const MergeOptions& options,
                            const store::Editor& editor) {
    const auto sealer = TRY(sealers_.of(db, org.instance()));
    UserRow row = TRY(get_row(db, Ref::of(org, id), no_user("COMMAND-5N9ds")));
    MergePlan plan = TRY(plan_merge(db, org, row, given, options, *sealer));
    return Merge(db, org, given, options, editor, std::move(row), std::move(plan)).run(*sealer);
}

Result<Merged> Users::check_merge(store::Reader& db, const OrgScope& org, UserId id, const NewUser& given, const MergeOptions& options) {
    const auto sealer = TRY(sealers_.of(db, org.instance()));
    const UserRow row = TRY(get_row(db, Ref::of(org, id), no_user("COMMAND-5N9ds")));
    return Merged{.changed = false, .lost = TRY(plan_merge(db, org, row, given, options, *sealer)).lost};
}

}  // namespace godwit::user
