#include "directory/session/clients.h"

#include "store/store.h"

namespace godwit::session {
namespace {

using store::Database;

constexpr std::size_t kMostErrorBytes = 500;
constexpr int kUsersAtOnce = 100;
constexpr int kPurgedAtOnce = 1000;
constexpr std::chrono::hours kRanOutFor{48};

Client client_of(const store::Row& row, int at) {
    return {.session = row.id<SessionId>(at),
            .app = row.id<AppId>(at + 1),
            .issuer = std::string(row.text(at + 2)),
            .subject = std::string(row.text(at + 3)),
            .user = row.id<UserId>(at + 4)};
}

struct EndedUser {
    InstanceScope instance;
    UserId user;
    Time at;
};

}  // namespace

Result<void> note_client(store::Store& store, InstanceScope instance, const Client& client) {
    bool there = false;
    TRY(store.read(Database::runtime, [&](store::Reader& db) {
        return db.query(instance,
                        "SELECT 1 FROM session_clients WHERE instance_no = ?1 AND session_id = ?2 AND app_id = ?3 AND issuer = ?4",
                        {client.session, client.app, client.issuer}, [&](const store::Row&) { there = true; });
    }));
    if (there) return {};
    return store.write(Database::runtime, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(instance,
                    "INSERT INTO session_clients (instance_no, session_id, app_id, issuer, subject, user_id, created_at) "
                    "SELECT instance_no, id, ?3, ?4, ?5, ?6, ?7 FROM sessions WHERE instance_no = ?1 AND id = ?2 AND terminated_at IS NULL "
                    "ON CONFLICT DO NOTHING",
                    {client.session, client.app, client.issuer, client.subject, client.user, db.now()}));
        return {};
    });
}

Result<std::vector<Client>> clients_of(store::Reader& db, InstanceScope instance, SessionId session) {
    std::vector<Client> out;
    TRY(db.query(instance,
                 "SELECT session_id, app_id, issuer, subject, user_id FROM session_clients WHERE instance_no = ?1 AND session_id = ?2 "
                 "ORDER BY app_id, issuer",
                 {session}, [&](const store::Row& row) { out.push_back(client_of(row, 0)); }));
    return out;
}

Result<void> end_clients(store::Writer& db, InstanceScope instance, SessionId session) {
    TRY(db.exec(instance,
                "UPDATE session_clients SET ended_at = ?3, next_at = ?3 WHERE instance_no = ?1 AND session_id = ?2 AND ended_at IS NULL",
                {session, db.now()}));
    return {};
}

Result<std::vector<Due>> claim_due(store::Store& store, const Clock& clock, int most) {
    // Mostly there is nothing, and looking is cheaper than writing.
    bool any = false;
    TRY(store.read(Database::runtime, [&](store::Reader& db) {
        return db.system_query("SELECT 1 FROM session_clients WHERE instance_no > ?1 AND next_at <= ?2 LIMIT 1", {clock.now()},
                               [&](const store::Row&) { any = true; });
    }));
    if (!any) return std::vector<Due>();
    return store.write(Database::runtime, [&](store::Writer& db) -> Result<std::vector<Due>> {
        std::vector<Due> due;
        // The time is compared once more outside, for a row that somebody else has taken meanwhile.
        TRY(
            db.system_query("UPDATE session_clients SET next_at = ?3, attempts = attempts + 1 "
                            "WHERE instance_no > ?1 AND next_at <= ?2 AND (instance_no, session_id, app_id, issuer) IN "
                            "(SELECT instance_no, session_id, app_id, issuer FROM session_clients WHERE instance_no > ?1 AND next_at <= ?2 "
                            "ORDER BY next_at LIMIT ?4) "
                            "RETURNING instance_no, attempts, session_id, app_id, issuer, subject, user_id",
                            {db.now(), db.now() + kClaim, most}, [&](const store::Row& row) {
                                due.push_back({InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))}), client_of(row, 2),
                                               static_cast<int>(row.i64(1))});
                            }));
        return due;
    });
}

Result<void> settle(store::Store& store, const Due& due) {
    return store.write(Database::runtime, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(due.instance, "DELETE FROM session_clients WHERE instance_no = ?1 AND session_id = ?2 AND app_id = ?3 AND issuer = ?4",
                    {due.client.session, due.client.app, due.client.issuer}));
        return {};
    });
}

Result<void> postpone(store::Store& store, const Due& due, std::chrono::seconds delay, std::string_view error) {
    return store.write(Database::runtime, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(due.instance,
                    "UPDATE session_clients SET next_at = ?5, last_error = ?6 "
                    "WHERE instance_no = ?1 AND session_id = ?2 AND app_id = ?3 AND issuer = ?4",
                    {due.client.session, due.client.app, due.client.issuer, db.now() + delay, error.substr(0, kMostErrorBytes)}));
        return {};
    });
}

Result<std::int64_t> purge_clients(store::Store& store, const Clock& clock, InstanceScope instance) {
    // Looked for outside the write: the rows of all that live are passed over.
    std::vector<SessionId> over;
    TRY(store.read(Database::runtime, [&](store::Reader& db) {
        over.clear();
        return db.query(instance,
                        "SELECT DISTINCT c.session_id FROM session_clients c "
                        "LEFT JOIN sessions s ON s.instance_no = c.instance_no AND s.id = c.session_id "
                        "WHERE c.instance_no = ?1 AND c.ended_at IS NULL AND (s.id IS NULL OR s.expires_at < ?2) LIMIT ?3",
                        {clock.now() - kRanOutFor, kPurgedAtOnce}, [&](const store::Row& row) { over.push_back(row.id<SessionId>(0)); });
    }));
    if (over.empty()) return 0;
    return store.write(Database::runtime, [&](store::Writer& db) -> Result<std::int64_t> {
        std::int64_t gone = 0;
        for (const SessionId session : over)
            gone += TRY(db.exec(instance, "DELETE FROM session_clients WHERE instance_no = ?1 AND session_id = ?2 AND ended_at IS NULL",
                                {session}));
        return gone;
    });
}

Result<std::int64_t> end_clients_of_ended_users(store::Store& store) {
    std::vector<EndedUser> ended;
    TRY(store.read(Database::directory, [&](store::Reader& db) {
        ended.clear();
        return db.system_query(
            "SELECT instance_no, user_id, ended_at FROM ended_users WHERE instance_no > ?1 ORDER BY instance_no, user_id LIMIT ?2",
            {kUsersAtOnce}, [&](const store::Row& row) {
                ended.push_back({InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))}), row.id<UserId>(1), row.time(2)});
            });
    }));
    for (const EndedUser& one : ended) {
        TRY(store.write(Database::runtime, [&](store::Writer& db) {
            // As Sessions::find_live has it: a session that began, or proved the person, later lives on.
            return db.exec(one.instance,
                           "UPDATE session_clients SET ended_at = ?4, next_at = ?4 WHERE instance_no = ?1 AND ended_at IS NULL AND "
                           "session_id IN (SELECT id FROM sessions WHERE instance_no = ?1 AND user_id = ?2 AND created_at <= ?3 AND "
                           "COALESCE(auth_time, 0) <= ?3)",
                           {one.user, one.at, db.now()});
        }));
        // Unless it ended once more meanwhile.
        TRY(store.write(Database::directory, [&](store::Writer& db) {
            return db.exec(one.instance, "DELETE FROM ended_users WHERE instance_no = ?1 AND user_id = ?2 AND ended_at = ?3",
                           {one.user, one.at});
        }));
    }
    return static_cast<std::int64_t>(ended.size());
}

}  // namespace godwit::session
