// The applications that a session signed in to and that want to be told when it ends (OpenID Connect Back-Channel and Front-Channel Logout
// 1.0). One row for each, from the first id_token until it has been told: the queue of what is to be told is these rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::session {

struct Client {
    SessionId session;
    AppId app;
    std::string issuer;   ///< `iss` of the id_token it has
    std::string subject;  ///< `sub` of it
    UserId user;
    friend bool operator==(const Client&, const Client&) = default;
};

/// Writes the row unless it is there, or the session has ended.
Result<void> note_client(store::Store& store, InstanceScope instance, const Client& client);

/// Whom the end of a session concerns, told or not.
Result<std::vector<Client>> clients_of(store::Reader& db, InstanceScope instance, SessionId session);

/// In the transaction that ends the session: whoever it signed in to is to be told, from now on.
Result<void> end_clients(store::Writer& db, InstanceScope instance, SessionId session);

/// A row whose time has come, taken by one caller for kClaim.
struct Due {
    InstanceScope instance;
    Client client;
    int attempt = 1;  ///< this one counted
};
inline constexpr std::chrono::seconds kClaim{60};

/// The longest waiting first, of all instances.
Result<std::vector<Due>> claim_due(store::Store& store, const Clock& clock, int most);

/// Told, or nobody to tell: the row goes.
Result<void> settle(store::Store& store, const Due& due);
/// Again later. `error` is kept for whoever looks at the row.
Result<void> postpone(store::Store& store, const Due& due, std::chrono::seconds delay, std::string_view error);

/// Deletes up to 1,000 rows of sessions that ran out two days ago, which nobody is told of, or that are gone. Answers how many went; ask
/// again while that is not 0.
Result<std::int64_t> purge_clients(store::Store& store, const Clock& clock, InstanceScope instance);

/// Ends the clients of the sessions that died with their user's auth_epoch (deactivated, locked, signed out everywhere, a new password):
/// what directory/user wrote down in `ended_users` since. How many users.
Result<std::int64_t> end_clients_of_ended_users(store::Store& store);

}  // namespace godwit::session
