// Refresh tokens: one row for a family, from the code exchange on (runtime.token_families). A refresh moves the row to its next
// generation; the row revoked, everything issued from it is dead: refresh tokens and access tokens alike.
//
// The secret of each generation is derived from a key of the instance, so a client that lost an answer and asks again within
// kRetryTime gets the very same successor, and the database holds nothing a token could be made of.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "oidc/scope.h"

namespace godwit::crypto {
class Sealer;
}
namespace godwit::store {
class Reader;
class Writer;
}  // namespace godwit::store

namespace godwit::oidc {

struct Lifetimes;

inline constexpr std::chrono::seconds kRetryTime{10};

struct Family {
    std::int64_t id = 0;
    UserId user;
    SessionId session;
    AppId app;
    ProjectId project;
    Scopes scopes;
    std::vector<std::string> audience;
    std::vector<std::string> amr;
    Time auth_time;
    std::string claims;  ///< claims asked for by name, see ClaimsRequest::text
    std::string jkt;     ///< key that the tokens are bound to (RFC 9449); "": bearer tokens
    std::int64_t generation = 1;
    bool refreshable = false;
    Time created, idle_until, absolute_until;
    bool revoked = false;
};

/// What a refresh token text says of itself.
struct RefreshToken {
    std::int64_t family = 0;
    std::int64_t generation = 0;
    std::string secret;

    static std::optional<RefreshToken> parse(std::string_view text);
    std::string text() const;
};

/// Writes the family (id, created and the ends are filled in); answers its first refresh token, "" unless `refreshable`.
Result<std::string> begin_family(store::Writer& db, InstanceScope scope, const crypto::Sealer& sealer, const Lifetimes& lifetimes,
                                 Family& family);

Result<std::optional<Family>> find_family(store::Reader& db, InstanceScope scope, std::int64_t id);

/// Whether this instance once gave out that token, current or not.
bool is_genuine(const crypto::Sealer& sealer, InstanceScope scope, const RefreshToken& token);

struct Rotation {
    enum class Outcome { renewed, unknown, expired, other_client, reused } outcome = Outcome::unknown;
    Family family;      ///< of `renewed`: in its new generation
    std::string token;  ///< the successor
};
/// Exchanges a refresh token for its successor. A token of an older generation ends the family (`reused`): someone holds a copy.
Result<Rotation> rotate_family(store::Writer& db, InstanceScope scope, const crypto::Sealer& sealer, const Lifetimes& lifetimes,
                               const RefreshToken& token, AppId client);

Result<void> revoke_family(store::Writer& db, InstanceScope scope, std::int64_t id, std::string_view reason);

}  // namespace godwit::oidc
