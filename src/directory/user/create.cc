// Users::create: form checks, then in one transaction what is taken, ids, rows, events.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/unicode.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/object/public_id.h"
#include "directory/user/authenticators.h"
#include "directory/user/code.h"
#include "directory/user/draft.h"
#include "directory/user/grant_rows.h"
#include "directory/user/look_first.h"
#include "directory/user/machine_rows.h"
#include "directory/user/row.h"
#include "directory/user/taken.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

using store::Value;

/// So many users' rows are gathered before they are written: few round trips, and memory that stays in the processor's cache.
constexpr std::size_t kUsersAtOnce = 1'000;
/// Fewer are written as they come.
constexpr std::size_t kWorthSorting = 1'000;

/// Rows, table by table, and the bytes they point to.
class Rows {
public:
    Rows(store::Writer& db, const OrgScope& org, const store::Editor& editor, const crypto::Sealer& sealer, std::int64_t login_scope,
         const std::string& org_id)
        : db_(db),
          org_(org),
          editor_(editor),
          sealer_(sealer),
          login_scope_(login_scope),
          org_id_(org_id),
          authenticators_(db, org.instance(), sealer) {}

    /// The rows of one more user. `draft` must stay until they are written.
    Result<void> add(Draft& draft);
    /// Writes what was added and is not written yet.
    Result<void> write();
    /// When all are written: nothing that they hang on was removed meanwhile (aborted).
    Result<void> finish();

private:
    void add_user(const Draft& draft);
    Result<void> add_human_parts(Draft& draft);
    Result<void> add_codes(Draft& draft);
    void add_metadata(const Draft& draft);
    void add_grants(const Draft& draft);
    Result<void> add_machine_keys(const Draft& draft);
    void add_state_events(const Draft& draft);
    void begins(const Draft& draft, std::string_view type, std::string body) {
        events_.push_back(store::event_of(editor_, "user", draft.id.key, type, org_.org(), std::move(body)));
    }
    /// Also, of the user that began last.
    void happened(std::string_view type, std::string_view body = "{}") { also_.add(type, body); }
    std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

    store::Writer& db_;
    const OrgScope& org_;
    const store::Editor& editor_;
    const crypto::Sealer& sealer_;
    const std::int64_t login_scope_;
    const std::string& org_id_;
    std::size_t added_ = 0;  ///< users that are not written yet
    std::deque<std::string> kept_;
    std::vector<Value> users_, passwords_, links_, keys_, metadata_, grants_;
    AuthenticatorRows authenticators_;
    std::set<std::pair<ProjectId, std::int64_t>> held_;  ///< what the grants hang on
    std::vector<store::Event> events_;
    store::EventTail also_;
};

constexpr std::string_view kUserInsert =
    "instance_no, id, public_id, public_id_key, org_id, kind, state, version, auth_epoch, created_at, changed_at, login_scope, name, "
    "name_key, given_name, family_name, display_name, nick_name, lang, gender, email, email_key, email_verified_at, email_source, phone, "
    "phone_verified_at, description, access_token_type, given_key, family_key, nick_key, display_key, avatar";

void Rows::add_user(const Draft& draft) {
    const NewUser& in = *draft.in;
    const NewHuman* human = draft.human();
    const NewMachine* machine = draft.machine();
    const Time now = db_.now();
    const Profile& p = draft.profile;
    const bool repeats_name = login_scope_ == 0 && draft.email_key == draft.name_key;
    const auto verified_at = [&](bool verified) { return verified ? std::optional(now) : std::nullopt; };
    const bool email_verified = human && human->email_verified && !human->email.empty();
    users_.insert(users_.end(), {draft.id,
                                 unless_empty(in.given_id),
                                 unless_empty(draft.public_id_key),
                                 org_.org(),
                                 number(human ? Kind::human : Kind::machine),
                                 number(draft.state),
                                 draft.version,
                                 0,
                                 in.created.value_or(now),
                                 now,
                                 login_scope_,
                                 in.name,
                                 draft.name_key,
                                 p.first_name,
                                 p.last_name,
                                 p.display_name,
                                 p.nick_name,
                                 p.language,
                                 number(p.gender),
                                 human ? std::string_view(human->email) : std::string_view(),
                                 repeats_name ? std::nullopt : unless_empty(draft.email_key),
                                 verified_at(email_verified),
                                 email_verified ? std::string_view(human->email_source) : std::string_view(),
                                 unless_empty(draft.phone),
                                 verified_at(human && human->phone_verified && !draft.phone.empty()),
                                 machine ? std::string_view(machine->description) : std::string_view(),
                                 machine ? number(machine->token_kind) : 0,
                                 draft.profile_keys.given,
                                 draft.profile_keys.family,
                                 draft.profile_keys.nick,
                                 draft.profile_keys.display,
                                 p.avatar});
}

Result<void> Rows::add_human_parts(Draft& draft) {
    const NewHuman& human = *draft.human();
    const Time now = db_.now();
    if (human.password) {
        passwords_.insert(passwords_.end(),
                          {draft.id, human.password->encoded, human.password->scheme, human.password->change_required, now});
    }
    authenticators_.add(draft.id, human, [&](std::string_view type, const std::string& body) { happened(type, body); });
    for (std::size_t i = 0; i < human.idp_links.size(); ++i) {
        const NewIdpLink& link = human.idp_links[i];
        links_.insert(links_.end(), {draft.idps[i], link.external_id, draft.id, link.display_name, link.display_name, 1, now});
        happened("user.human.externalidp.added", store::EventBody()
                                                     .add("idpConfigId", link.idp_id)
                                                     .add("userId", link.external_id)
                                                     .add("displayName", link.display_name)
                                                     .take());
    }
    if (human.passwordless_registration) {
        draft.passwordless = TRY(issue_code(db_, org_.instance(), sealer_, draft.id, CodeKind::passwordless, ""));
        happened("user.human.passwordless.initialization.code.added", store::EventBody().add("id", draft.passwordless->id).take());
    }
    return add_codes(draft);
}

Result<void> Rows::add_codes(Draft& draft) {
    using CodeFor = NewHuman::CodeFor;
    const NewHuman& human = *draft.human();
    const auto make = [&](CodeFor whom, CodeKind kind, std::string_view target) -> Result<std::optional<IssuedCode>> {
        if (whom == CodeFor::caller) return TRY(issue_code(db_, org_.instance(), sealer_, draft.id, kind, target));
        TRY(send_code(db_, org_.instance(), sealer_, draft.as_user(org_.org(), org_id_), kind, target));
        return std::nullopt;
    };
    if (human.init_code && draft.state == State::initial) {
        TRY(make(CodeFor::user, CodeKind::initialize, human.email));
        happened("user.human.initialization.code.added");
    } else if (human.email_code != CodeFor::nobody && !human.email_verified && !human.email.empty()) {
        draft.email_code = TRY(make(human.email_code, CodeKind::email, human.email));
        happened("user.human.email.code.added");
    }
    if (human.phone_code != CodeFor::nobody && !human.phone_verified && !draft.phone.empty()) {
        draft.phone_code = TRY(make(human.phone_code, CodeKind::phone, draft.phone));
        happened("user.human.phone.code.added");
    }
    return {};
}

void Rows::add_metadata(const Draft& draft) {
    std::map<std::string_view, std::string_view> entries;  // the last of a key wins
    for (const auto& [key, value] : draft.in->metadata) entries[key] = value;
    for (const auto& [key, value] : entries) {
        metadata_.insert(metadata_.end(), {draft.id, key, store::Blob{value}, db_.now(), db_.now()});
        happened("user.metadata.set", store::EventBody().add("key", key).take());
    }
}

void Rows::add_grants(const Draft& draft) {
    for (std::size_t i = 0; i < draft.holdings.size(); ++i) {
        const project::Holding& holding = *draft.holdings[i];
        const std::int64_t id = db_.new_id();
        const std::string_view roles = keep(project::join_roles(draft.roles[i]));
        grants_.insert(grants_.end(), {draft.id, holding.project.key, holding.grant, org_.org(), id, roles, db_.now(), db_.now()});
        held_.emplace(holding.project.key, holding.grant);
        also_.add("user.grant.added", grant_body(draft.public_id(), holding, draft.roles[i]), "usergrant", id);
    }
}

Result<void> Rows::add_machine_keys(const Draft& draft) {
    for (const NewMachineKey& key : draft.machine()->keys) {
        std::string_view folded;
        if (!key.key_id.empty()) {
            TRY(directory::accept_given_id(key.key_id));
            folded = keep(fold(key.key_id));
        }
        const std::int64_t id = db_.new_id();
        const auto row = key_row(id, key, folded, draft.id, db_.now());
        keys_.insert(keys_.end(), row.begin(), row.end());
        happened("user.machine.key.added", store::EventBody().add("keyId", directory::display_id(id, key.key_id)).take());
    }
    return {};
}

void Rows::add_state_events(const Draft& draft) {
    if (draft.state == State::inactive) happened("user.deactivated");
    if (draft.state == State::locked) happened("user.locked");
}

Result<void> Rows::add(Draft& draft) {
    draft.id = UserId(db_.new_id());
    if (const NewHuman* human = draft.human()) {
        store::EventBody body;
        body.add("userName", draft.in->name);
        add_profile(body, draft.profile).add("email", human->email).add("phone", draft.phone).add("avatarUrl", draft.profile.avatar);
        begins(draft, "user.human.added", body.take());
        if (human->email_verified && !human->email.empty()) happened("user.human.email.verified");
        if (human->phone_verified && !draft.phone.empty()) happened("user.human.phone.verified");
        TRY(add_human_parts(draft));
    } else {
        const NewMachine& machine = *draft.machine();
        begins(draft, "user.machine.added",
               store::EventBody()
                   .add("userName", draft.in->name)
                   .add("name", machine.name)
                   .add("description", machine.description)
                   .add("accessTokenType", number(machine.token_kind))
                   .take());
        TRY(add_machine_keys(draft));
    }
    add_metadata(draft);
    add_state_events(draft);
    add_grants(draft);
    draft.version = static_cast<std::int64_t>(1 + also_.size());
    also_.append_to(events_.back().body);
    add_user(draft);
    return ++added_ < kUsersAtOnce ? Result<void>() : write();
}

Result<void> Rows::write() {
    const InstanceScope instance = org_.instance();
    const auto insert = [&](std::string_view table, std::string_view columns, std::vector<Value>& rows) -> Result<void> {
        if (!rows.empty()) TRY(db_.insert_rows(instance, table, columns, rows));
        rows.clear();
        return {};
    };
    TRY(insert("users", kUserInsert, users_));
    TRY(insert("user_passwords", "instance_no, user_id, encoded, scheme, change_required, changed_at", passwords_));
    TRY(authenticators_.write());
    TRY(insert("idp_links", "instance_no, idp_id, external_id, user_id, display_name, name_at_idp, origin, linked_at", links_));
    TRY(insert("machine_keys", kKeyInsert, keys_));
    TRY(insert("metadata", "instance_no, owner_id, name, value, created_at, changed_at", metadata_));
    TRY(insert("user_grants", kGrantInsert, grants_));
    if (!events_.empty()) TRY(db_.append(instance, events_));
    events_.clear();
    kept_.clear();
    added_ = 0;
    return {};
}

Result<void> Rows::finish() {
    TRY(write());
    for (const auto& [project, grant] : held_) TRY(project::keep_holding(db_, org_.instance(), project, grant));
    return {};
}

Result<std::vector<Draft>> drafts_of(std::span<const NewUser> users) {
    if (users.size() > kMaxBatch) return fail(Code::invalid_argument, "USER-Bat01", "a batch holds at most 10,000 users");
    std::vector<Draft> drafts;
    drafts.reserve(users.size());
    for (const NewUser& user : users) drafts.push_back(draft_of(user));
    return drafts;
}

/// One run of the transaction; there may be several.
Result<BatchOutcome> create_in(store::Writer& db, const OrgScope& org, std::span<Draft> drafts, const store::Editor& editor,
                               const CreateOptions& options, const crypto::Sealer& sealer) {
    const Naming naming = TRY(naming_of(db, org));
    const auto org_id = TRY(directory::find_public_id(db, org.instance(), directory::Noun::organization, org.org().key));
    if (!org_id) return fail(Code::not_found, "COMM-deLSk", "Organisation not found");
    Taken taken(db, org, naming, options);
    TRY(taken.load(drafts));

    Rows rows(db, org, editor, sealer, naming.login_scope(org.org()), *org_id);
    BatchOutcome outcome(drafts.size());
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        drafts[i].begin_anew();
        if (drafts[i].refused) {
            outcome[i] = fail(*drafts[i].refused);
        } else if (auto claimed = taken.claim(drafts[i]); !claimed) {
            outcome[i] = fail(std::move(claimed).error());
        } else {
            fresh.push_back(i);
        }
    }
    // In the order of their names a batch goes through that tree once, and through the others in step: ids are given in the same order.
    if (fresh.size() >= kWorthSorting) std::ranges::sort(fresh, {}, [&](std::size_t i) { return std::string_view(drafts[i].name_key); });
    for (const std::size_t i : fresh) {
        Draft& draft = drafts[i];
        TRY(rows.add(draft));
        outcome[i] = Created{.id = draft.id,
                             .public_id = draft.public_id(),
                             .change = {.at = db.now(), .sequence = draft.version, .resource_owner = *org_id},
                             .passwordless = std::move(draft.passwordless),
                             .email_code = std::move(draft.email_code),
                             .phone_code = std::move(draft.phone_code)};
    }
    TRY(rows.finish());
    return outcome;
}

/// The drafts of some users, side by side while it lives.
class Gathered {
public:
    Gathered(std::vector<Draft>& drafts, std::span<const std::size_t> which) : drafts_(drafts), which_(which) {
        if (which.size() == drafts.size()) return;
        some_.reserve(which.size());
        for (const std::size_t i : which) some_.push_back(std::move(drafts[i]));
    }
    ~Gathered() {
        for (std::size_t i = 0; i < some_.size(); ++i) drafts_[which_[i]] = std::move(some_[i]);
    }
    Gathered(const Gathered&) = delete;
    Gathered& operator=(const Gathered&) = delete;

    std::span<Draft> all() { return which_.size() == drafts_.size() ? std::span(drafts_) : std::span(some_); }

private:
    std::vector<Draft>& drafts_;
    const std::span<const std::size_t> which_;
    std::vector<Draft> some_;
};

}  // namespace

PreparedUsers::PreparedUsers(std::vector<NewUser> users) : users_(std::move(users)) {
    drafts_.reserve(users_.size());
    for (const NewUser& user : users_) drafts_.push_back(draft_of(user));
}
PreparedUsers::PreparedUsers(PreparedUsers&&) noexcept = default;
PreparedUsers& PreparedUsers::operator=(PreparedUsers&&) noexcept = default;
PreparedUsers::~PreparedUsers() = default;

const Error* PreparedUsers::refused(std::size_t i) const { return drafts_[i].refused ? &*drafts_[i].refused : nullptr; }

PreparedUsers::Keys PreparedUsers::keys(std::size_t i) const {
    const Draft& draft = drafts_[i];
    return {.name = draft.name_key, .public_id = draft.public_id_key, .email = draft.email_key};
}

Result<BatchOutcome> Users::create(store::Writer& db, const OrgScope& org, PreparedUsers& prepared, std::span<const std::size_t> which,
                                   const store::Editor& editor, const CreateOptions& options) {
    const auto sealer = TRY(sealers_.of(db, org.instance()));
    Gathered drafts(prepared.drafts_, which);
    return create_in(db, org, drafts.all(), editor, options, *sealer);
}

Result<std::vector<std::optional<Error>>> Users::check(store::Reader& db, const OrgScope& org, PreparedUsers& prepared,
                                                       std::span<const std::size_t> which, const CreateOptions& options) {
    Gathered drafts(prepared.drafts_, which);
    const Naming naming = TRY(naming_of(db, org));
    Taken taken(db, org, naming, options);
    TRY(taken.load(drafts.all()));
    std::vector<std::optional<Error>> out;
    out.reserve(which.size());
    for (Draft& draft : drafts.all()) {
        draft.begin_anew();
        const auto claimed = draft.refused ? Result<void>(fail(*draft.refused)) : taken.claim(draft);
        out.push_back(claimed ? std::nullopt : std::optional(claimed.error()));
    }
    return out;
}

Result<BatchOutcome> Users::create(const OrgScope& org, std::span<const NewUser> users, const store::Editor& editor,
                                   CreateOptions options) {
    std::vector<Draft> drafts = TRY(drafts_of(users));
    const auto sealer = TRY(sealers_.of(org.instance()));
    // A name or link that was not looked for, or taken by another transaction afterwards, fails the whole insert; so does a project that
    // was removed meanwhile. The next run sees who has it, or that it is gone.
    return write_looking_if_needed(options.look_first, [&](bool look) {
        options.look_first = look;
        return store_.write(store::Database::directory,
                            [&](store::Writer& db) { return create_in(db, org, drafts, editor, options, *sealer); });
    });
}

Result<BatchOutcome> Users::create(store::Writer& db, const OrgScope& org, std::span<const NewUser> users, const store::Editor& editor,
                                   const CreateOptions& options) {
    const auto sealer = TRY(sealers_.of(db, org.instance()));
    std::vector<Draft> drafts = TRY(drafts_of(users));
    return create_in(db, org, drafts, editor, options, *sealer);
}

Result<Created> Users::create(const OrgScope& org, const NewUser& user, const store::Editor& editor, CreateOptions options) {
    auto outcome = TRY(create(org, std::span(&user, 1), editor, options));
    return std::move(outcome.front());
}

}  // namespace godwit::user
