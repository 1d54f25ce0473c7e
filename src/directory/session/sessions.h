// Sessions: who was checked, how and when. Used by the session service, the login pages (a browser agent has several) and oidc.
//
// A session lives while it is neither terminated nor expired, its user is active, and it began after the user's auth_epoch; every
// function that answers "may this session be used" looks at all of it (find_live).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "directory/object/object.h"
#include "store/editor.h"
#include "store/list_query.h"

namespace godwit::session {

/// When each factor was last checked in this session.
struct Factors {
    std::optional<Time> user, password, webauthn, intent, totp, otp_sms, otp_email;
    bool user_verified = false;  ///< of webauthn

    /// RFC 8176 names of what was checked: pwd, otp, user, mfa …
    std::vector<std::string> amr() const;
    /// The latest check of a credential (not of the user alone).
    std::optional<Time> auth_time() const;
};

/// As the session service was told of it (zitadel.session.v2.UserAgent).
struct UserAgent {
    std::optional<std::string> fingerprint_id, ip, description;
    std::map<std::string, std::vector<std::string>> headers;
    bool empty() const { return !fingerprint_id && !ip && !description && headers.empty(); }
};

struct Session {
    SessionId id;
    directory::Stamp stamp;
    UserId user;  ///< 0: none checked yet
    OrgId org;    ///< the user's
    std::int64_t agent = 0;
    UserId creator;
    Factors factors;
    std::map<std::string, std::string> metadata;
    std::optional<UserAgent> user_agent;
    std::optional<Time> expires, terminated;
    std::string public_id() const { return std::to_string(id.key); }
};

/// A session's user as shown beside its factor.
struct UserView {
    std::string id, login_name, display_name, org_id;
};
struct Shown {
    Session session;
    std::optional<UserView> user;
};

/// What an update does; all of it in one transaction.
struct Update {
    std::optional<UserId> user;  ///< checked now; with its organization
    OrgId org;
    bool password = false, totp = false;                ///< checked now
    std::map<std::string, std::string> metadata;        ///< an empty value removes the key
    std::optional<std::chrono::microseconds> lifetime;  ///< from now
};

struct Started {
    SessionId id;
    Secret token;  ///< new with every update; the one before is no longer taken
    directory::Change change;
};

struct Search {
    std::optional<std::vector<std::string>> ids;
    std::optional<std::string> user_id;     ///< contract id
    std::optional<std::string> creator_id;  ///< contract id
    std::optional<std::string> fingerprint_id;
    struct Created {
        Time at;
        store::TimeMethod method;
    };
    std::optional<Created> created;
};

class Sessions {
public:
    Sessions(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    /// `agent` 0: made by the session service.
    Result<Started> create(InstanceScope instance, const Update& update, const std::optional<UserAgent>& user_agent, std::int64_t agent,
                           const store::Editor& editor);
    /// Errors: not_found QUERY-SFeaa (also when its user was removed), failed_precondition COMMAND-Hkl3d (expired), invalid_argument
    /// COMMAND-… (another user).
    Result<Started> update(InstanceScope instance, SessionId id, const Update& update, const store::Editor& editor);
    /// Ending an ended session changes nothing and succeeds.
    Result<directory::Change> terminate(InstanceScope instance, SessionId id, const store::Editor& editor);

    /// Also expired ones; not terminated ones, and not those of a removed user. not_found QUERY-SFeaa.
    Result<Session> get(InstanceScope instance, std::string_view public_id);
    /// Also terminated ones.
    Result<std::optional<Session>> find(InstanceScope instance, std::string_view public_id);
    /// failed_precondition COMMAND-Hkl3d when the session has expired.
    Result<void> check_open(const Session& session) const;
    Result<Shown> show(InstanceScope instance, std::string_view public_id);
    /// permission_denied COMMAND-sGr42 unless `token` is the session's current one. Constant time. Says nothing of the user: see get.
    Result<void> check_token(InstanceScope instance, SessionId id, std::string_view token);
    /// The session if it may be used now: see the head of this file.
    Result<std::optional<Session>> find_live(InstanceScope instance, SessionId id);

    /// Every condition given must hold. `within` narrows to sessions of users in these organizations, and those that `or_own` made or is
    /// the user of; nullopt: all.
    Result<directory::Listed<Shown>> list(InstanceScope instance, const Search& search, const std::optional<std::vector<OrgId>>& within,
                                          UserId or_own, const store::Page& page);

    // A browser. Its cookie carries id and secret; the row holds a hash.
    struct Agent {
        std::int64_t id = 0;
        Secret cookie;  ///< set when the agent was just made
    };
    /// The agent of a cookie value; nullopt when unknown.
    Result<std::optional<Agent>> find_agent(InstanceScope instance, std::string_view cookie);
    Result<Agent> create_agent(InstanceScope instance);
    /// Live sessions of a browser, the latest used first.
    Result<std::vector<Session>> of_agent(InstanceScope instance, std::int64_t agent);

private:
    Result<bool> alive(InstanceScope instance, const Session& session);
    /// Whether the session had a user that was removed since.
    Result<bool> orphaned(InstanceScope instance, const Session& session);

    store::Store& store_;
    const Clock& clock_;
};

}  // namespace godwit::session
