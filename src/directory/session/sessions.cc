#include "directory/session/sessions.h"

#include <algorithm>

#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/object/public_id.h"
#include "directory/session/clients.h"
#include "directory/session/ending.h"
#include "directory/session/row.h"
#include "directory/user/auth_epoch.h"
#include "directory/user/types.h"
#include "store/event_body.h"

namespace godwit::session {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

Error no_session() { return {Code::not_found, "QUERY-SFeaa", "Session does not exist"}; }

Result<std::optional<Session>> find_row(store::Reader& db, InstanceScope instance, SessionId id) {
    std::optional<Session> found;
    TRY(db.query(instance, "SELECT " + std::string(kSessionColumns) + " FROM sessions WHERE instance_no = ?1 AND id = ?2", {id},
                 [&](const store::Row& row) { found = session_of(row); }));
    return found;
}

/// Applies what was checked; the events that say so.
std::vector<std::string_view> apply(Session& session, const Update& update, Time now) {
    std::vector<std::string_view> events;
    if (update.user) {
        session.user = *update.user;
        session.org = update.org;
        session.factors.user = now;
        events.push_back("session.user.checked");
    }
    if (update.password) {
        session.factors.password = now;
        events.push_back("session.password.checked");
    }
    if (update.totp) {
        session.factors.totp = now;
        events.push_back("session.totp.checked");
    }
    for (const auto& [key, value] : update.metadata) {
        if (value.empty()) {
            session.metadata.erase(key);
        } else {
            session.metadata[key] = value;
        }
    }
    if (!update.metadata.empty()) events.push_back("session.metadata.set");
    if (update.lifetime) {
        session.expires = now + *update.lifetime;
        events.push_back("session.lifetime.set");
    }
    events.push_back("session.token.set");
    return events;
}

Result<void> log(store::Writer& db, InstanceScope instance, const Session& session, std::span<const std::string_view> types,
                 const store::Editor& editor) {
    std::vector<store::Event> events;
    for (const std::string_view type : types)
        events.push_back(store::event_of(editor, "session", session.id.key, type, session.org,
                                         store::EventBody().add("userId", session.user.key).take()));
    return db.append(instance, events);
}

/// Rows beside the session that a check of a person touches, at most once a day each.
Result<void> note_day(store::Writer& db, InstanceScope instance, const Session& session) {
    const std::int64_t today = db.now().micros / kMicrosPerDay;
    if (session.user && session.factors.auth_time() == db.now()) {
        TRY(db.exec(
            instance,
            "INSERT INTO last_seen (instance_no, user_id, seen_day, app_id) VALUES (?1, ?2, ?3, 0) ON CONFLICT (instance_no, user_id) "
            "DO UPDATE SET seen_day = excluded.seen_day WHERE last_seen.seen_day < excluded.seen_day",
            {session.user, today}));
    }
    if (session.agent != 0) {
        TRY(db.exec(instance, "UPDATE agents SET seen_day = ?3 WHERE instance_no = ?1 AND id = ?2 AND seen_day < ?3",
                    {session.agent, today}));
    }
    return {};
}

std::string amr_text(const Factors& factors) {
    std::string text;
    for (const std::string& word : factors.amr()) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::optional<store::Blob> blob_unless_empty(std::string_view bytes) {
    return bytes.empty() ? std::nullopt : std::optional(store::Blob{bytes});
}

}  // namespace

Result<Started> Sessions::create(InstanceScope instance, const Update& update, const std::optional<UserAgent>& user_agent,
                                 std::int64_t agent, const store::Editor& editor) {
    const std::string agent_bytes = user_agent ? encode(*user_agent) : std::string();
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<Started> {
        Session session;
        session.id = SessionId(db.new_id());
        session.agent = agent;
        std::vector<std::string_view> events{"session.added"};
        for (const std::string_view event : apply(session, update, db.now())) events.push_back(event);
        Started started{.id = session.id, .token = Secret(crypto::random_token()), .change = {}};
        const std::string hash = crypto::sha256(started.token.reveal()), factors = encode(session.factors);
        const std::string metadata = session.metadata.empty() ? std::string() : encode(session.metadata);
        const auto version = static_cast<std::int64_t>(events.size());
        TRY(db.exec(instance,
                    "INSERT INTO sessions (instance_no, id, user_id, org_id, agent_id, token_sha256, factors, auth_time, amr, metadata, "
                    "user_agent, "
                    "creator_id, version, created_at, changed_at, expires_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15)",
                    {session.id, session.user, session.org, session.agent, store::Blob{hash}, store::Blob{factors},
                     session.factors.auth_time(), amr_text(session.factors), blob_unless_empty(metadata), blob_unless_empty(agent_bytes),
                     editor.user, version, db.now(), session.expires}));
        TRY(note_day(db, instance, session));
        TRY(log(db, instance, session, events, editor));
        started.change = {.at = db.now(), .sequence = version, .resource_owner = {}};
        return started;
    });
}

Result<Started> Sessions::update(InstanceScope instance, SessionId id, const Update& update, const store::Editor& editor) {
    const auto before = TRY(store_.read(store::Database::runtime, [&](store::Reader& db) { return find_row(db, instance, id); }));
    if (!before || TRY(orphaned(instance, *before))) return fail(no_session());
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<Started> {
        auto found = TRY(find_row(db, instance, id));
        if (!found) return fail(no_session());
        Session& session = *found;
        if (session.terminated) return fail(Code::failed_precondition, "COMMAND-SAjeh", "Session is already terminated");
        if (session.expires && *session.expires <= db.now()) return fail(Code::failed_precondition, "COMMAND-Hkl3d", "Session has expired");
        if (update.user && session.user && session.user != *update.user)
            return fail(Code::invalid_argument, "COMMAND-Ses01", "The session is another user's");

        const auto events = apply(session, update, db.now());
        Started started{.id = id, .token = Secret(crypto::random_token()), .change = {}};
        const std::string hash = crypto::sha256(started.token.reveal()), factors = encode(session.factors);
        const std::string metadata = session.metadata.empty() ? std::string() : encode(session.metadata);
        const std::int64_t version = session.stamp.sequence + static_cast<std::int64_t>(events.size());
        const auto changed = TRY(db.exec(
            instance,
            "UPDATE sessions SET user_id = ?4, org_id = ?5, token_sha256 = ?6, factors = ?7, auth_time = ?8, amr = ?9, metadata = ?10, "
            "version = ?11, changed_at = ?12, expires_at = ?13 WHERE instance_no = ?1 AND id = ?2 AND version = ?3 AND terminated_at IS "
            "NULL",
            {id, session.stamp.sequence, session.user, session.org, store::Blob{hash}, store::Blob{factors}, session.factors.auth_time(),
             amr_text(session.factors), blob_unless_empty(metadata), version, db.now(), session.expires}));
        if (changed == 0) return fail(Code::aborted, "SESSION-Vrs01", "the session was changed meanwhile; try again");
        TRY(note_day(db, instance, session));
        TRY(log(db, instance, session, events, editor));
        started.change = {.at = db.now(), .sequence = version, .resource_owner = {}};
        return started;
    });
}

Result<directory::Change> Sessions::terminate(InstanceScope instance, SessionId id, const store::Editor& editor) {
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<directory::Change> {
        const auto session = TRY(find_row(db, instance, id));
        if (!session) return fail(no_session());
        if (session->terminated)
            return directory::Change{.at = session->stamp.changed, .sequence = session->stamp.sequence, .resource_owner = {}};
        TRY(db.exec(instance,
                    "UPDATE sessions SET terminated_at = ?3, changed_at = ?3, version = version + 1, token_sha256 = NULL "
                    "WHERE instance_no = ?1 AND id = ?2 AND terminated_at IS NULL",
                    {id, db.now()}));
        TRY(end_clients(db, instance, id));
        constexpr std::string_view kEvents[] = {"session.terminated"};
        TRY(log(db, instance, *session, kEvents, editor));
        return directory::Change{.at = db.now(), .sequence = session->stamp.sequence + 1, .resource_owner = {}};
    });
}

Result<void> terminate_all_of(store::Store& store, InstanceScope instance, UserId user, const store::Editor& editor) {
    return store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        std::vector<Session> ended;
        TRY(db.query(instance,
                     "UPDATE sessions SET terminated_at = ?3, changed_at = ?3, version = version + 1, token_sha256 = NULL "
                     "WHERE instance_no = ?1 AND user_id = ?2 AND terminated_at IS NULL RETURNING " +
                         std::string(kSessionColumns),
                     {user, db.now()}, [&](const store::Row& row) { ended.push_back(session_of(row)); }));
        constexpr std::string_view kEvents[] = {"session.terminated"};
        for (const Session& session : ended) {
            TRY(end_clients(db, instance, session.id));
            TRY(log(db, instance, session, kEvents, editor));
        }
        return {};
    });
}

Result<std::optional<Session>> Sessions::find(InstanceScope instance, std::string_view public_id) {
    const auto key = directory::generated_key(public_id);
    if (!key) return std::nullopt;
    return store_.read(store::Database::runtime, [&](store::Reader& db) { return find_row(db, instance, SessionId(*key)); });
}

Result<Session> Sessions::get(InstanceScope instance, std::string_view public_id) {
    auto found = TRY(find(instance, public_id));
    if (!found || found->terminated || TRY(orphaned(instance, *found))) return fail(no_session());
    return *std::move(found);
}

Result<void> Sessions::check_open(const Session& session) const {
    if (session.expires && *session.expires <= clock_.now()) return fail(Code::failed_precondition, "COMMAND-Hkl3d", "Session has expired");
    return {};
}

Result<void> Sessions::check_token(InstanceScope instance, SessionId id, std::string_view token) {
    std::string stored;
    TRY(store_.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(instance, "SELECT token_sha256 FROM sessions WHERE instance_no = ?1 AND id = ?2 AND terminated_at IS NULL", {id},
                        [&](const store::Row& row) { stored = row.blob(0); });
    }));
    if (stored.empty() || !crypto::constant_time_equals(stored, crypto::sha256(token)))
        return fail(Code::permission_denied, "COMMAND-sGr42", "Session Token is invalid");
    return {};
}

Result<bool> Sessions::orphaned(InstanceScope instance, const Session& session) {
    if (!session.user) return false;
    bool there = false;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(instance, "SELECT 1 FROM users WHERE instance_no = ?1 AND id = ?2", {session.user},
                        [&](const store::Row&) { there = true; });
    }));
    return !there;
}

Result<bool> Sessions::alive(InstanceScope instance, const Session& session) {
    if (session.terminated || (session.expires && *session.expires <= clock_.now())) return false;
    if (!session.user) return true;
    bool alive = false;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(instance,
                        "SELECT u.state, " GODWIT_AUTH_EPOCH
                        ", o.state FROM users u JOIN organizations o ON o.instance_no = u.instance_no AND o.id = u.org_id "
                        "WHERE u.instance_no = ?1 AND u.id = ?2",
                        {session.user}, [&](const store::Row& row) {
                            const Time begun = std::max(session.stamp.created, session.factors.auth_time().value_or(session.stamp.created));
                            alive = row.i64(0) == static_cast<int>(user::State::active) && begun > row.time(1) && row.i64(2) == 1;
                        });
    }));
    return alive;
}

Result<std::optional<Session>> Sessions::find_live(InstanceScope instance, SessionId id) {
    auto session = TRY(store_.read(store::Database::runtime, [&](store::Reader& db) { return find_row(db, instance, id); }));
    if (!session || !TRY(alive(instance, *session))) return std::nullopt;
    return session;
}

}  // namespace godwit::session
