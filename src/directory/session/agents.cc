// Browsers. A cookie is base64url(id ‖ 32 random bytes); the row has the SHA-256 of the random part.
#include "directory/session/agents.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/session/row.h"
#include "directory/session/sessions.h"

namespace godwit::session {
namespace {

constexpr std::size_t kIdBytes = 8, kSecretBytes = 32;
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

Secret cookie_of(std::int64_t agent, std::string_view secret) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(agent) >> shift & 0xFF);
    return Secret(base64_encode(bytes.append(secret), Base64::url));
}

}  // namespace

Result<std::optional<Sessions::Agent>> Sessions::find_agent(InstanceScope instance, std::string_view cookie) {
    const auto bytes = base64_decode(cookie, Base64::url);
    if (!bytes || bytes->size() != kIdBytes + kSecretBytes) return std::nullopt;
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < kIdBytes; ++i) id = id << 8 | static_cast<unsigned char>((*bytes)[i]);
    const std::string hash = crypto::sha256(std::string_view(*bytes).substr(kIdBytes));
    bool known = false;
    TRY(store_.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(instance, "SELECT cookie_sha256 FROM agents WHERE instance_no = ?1 AND id = ?2", {static_cast<std::int64_t>(id)},
                        [&](const store::Row& row) { known = crypto::constant_time_equals(row.blob(0), hash); });
    }));
    if (!known) return std::nullopt;
    return Agent{.id = static_cast<std::int64_t>(id), .cookie = {}};
}

Result<Sessions::Agent> Sessions::create_agent(InstanceScope instance) {
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<Agent> {
        const std::int64_t id = db.new_id();
        const std::string secret = crypto::random_bytes(kSecretBytes), hash = crypto::sha256(secret);
        TRY(db.exec(instance, "INSERT INTO agents (instance_no, id, cookie_sha256, created_at, seen_day) VALUES (?1, ?2, ?3, ?4, ?5)",
                    {id, store::Blob{hash}, db.now(), db.now().micros / kMicrosPerDay}));
        return Agent{.id = id, .cookie = cookie_of(id, secret)};
    });
}

Result<Sessions::Agent> renew_agent(store::Store& store, InstanceScope instance, std::int64_t agent) {
    return store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Sessions::Agent> {
        const std::string secret = crypto::random_bytes(kSecretBytes), hash = crypto::sha256(secret);
        TRY(db.exec(instance, "UPDATE agents SET cookie_sha256 = ?3 WHERE instance_no = ?1 AND id = ?2", {agent, store::Blob{hash}}));
        return Sessions::Agent{.id = agent, .cookie = cookie_of(agent, secret)};
    });
}

Result<std::vector<Session>> Sessions::of_agent(InstanceScope instance, std::int64_t agent) {
    std::vector<Session> sessions, live;
    TRY(store_.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(
            instance,
            "SELECT " + std::string(kSessionColumns) +
                " FROM sessions WHERE instance_no = ?1 AND agent_id = ?2 AND terminated_at IS NULL ORDER BY changed_at DESC, id DESC",
            {agent}, [&](const store::Row& row) { sessions.push_back(session_of(row)); });
    }));
    for (Session& session : sessions) {
        if (TRY(alive(instance, session))) live.push_back(std::move(session));
    }
    return live;
}

Result<std::vector<Session>> ended_of_agent(store::Store& store, Sessions& sessions, InstanceScope instance, std::int64_t agent) {
    std::vector<Session> newest, ended;  // one of each user
    TRY(store.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(
            instance,
            "SELECT " + std::string(kSessionColumns) +
                " FROM sessions WHERE instance_no = ?1 AND agent_id = ?2 AND user_id <> 0 ORDER BY changed_at DESC, id DESC LIMIT 200",
            {agent}, [&](const store::Row& row) {
                Session session = session_of(row);
                const auto same = std::ranges::find(newest, session.user, &Session::user);
                if (same == newest.end()) {
                    newest.push_back(std::move(session));
                } else if (same->terminated && !session.terminated) {
                    *same = std::move(session);
                }
            });
    }));
    for (Session& session : newest) {
        if (ended.size() == kMaxRemembered) break;
        if (!TRY(sessions.find_live(instance, session.id))) ended.push_back(std::move(session));
    }
    return ended;
}

Result<void> forget(store::Store& store, InstanceScope instance, std::int64_t agent, UserId user) {
    TRY(store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(instance,
                       "UPDATE sessions SET agent_id = 0 WHERE instance_no = ?1 AND agent_id = ?2 AND user_id = ?3 "
                       "AND (terminated_at IS NOT NULL OR expires_at <= ?4)",
                       {agent, user, db.now()});
    }));
    return {};
}

}  // namespace godwit::session
