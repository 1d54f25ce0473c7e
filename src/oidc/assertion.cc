#include "oidc/assertion.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "oidc/json_reader.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr std::array kAllowed = {crypto::Algorithm::RS256};
constexpr std::int64_t kClientAssertion = 1;  // seen_once.kind

auto refuse(std::string_view why) { return fail(Code::invalid_argument, "OIDC-Asrt1", why); }

Result<void> check_claims(const ReadClaims& claims, const Issuer& issuer, std::string_view owner, Time now) {
    // RFC 7523 section 3, in its order.
    if (claims.iss != owner) return refuse("the assertion's iss is not the owner of its key");
    if (claims.sub != owner) return refuse("the assertion's sub is not the owner of its key");
    if (!claims.is_for(issuer.name) && !claims.is_for(issuer.url(Endpoint::token))) return refuse("the assertion is for another audience");
    if (!claims.exp || now.seconds() >= *claims.exp) return refuse("the assertion has expired");
    if (claims.nbf && *claims.nbf > (now + kAssertionSkew).seconds()) return refuse("the assertion is not valid yet");
    if (!claims.iat || *claims.iat > (now + kAssertionSkew).seconds()) return refuse("the assertion is issued in the future");
    if (*claims.iat < (now - kMaxAssertionAge).seconds()) return refuse("the assertion is too old");
    return {};
}

/// Parsing a key costs as much as a signature, and the same machines come again and again: each thread remembers the last few. What a key
/// is follows from its bytes alone, so that nothing remembered grows old.
Result<crypto::PublicKey> parse_key(const std::string& spki) {
    constexpr std::size_t kRemembered = 16;
    struct Parsed {
        std::string spki;
        crypto::PublicKey key;
    };
    thread_local std::vector<Parsed> last;
    thread_local std::size_t oldest = 0;
    const auto found = std::ranges::find(last, spki, &Parsed::spki);
    if (found != last.end()) return found->key;
    Parsed parsed{spki, TRY(crypto::PublicKey::from_der(spki))};
    if (last.size() < kRemembered) return last.emplace_back(std::move(parsed)).key;
    auto& place = last[oldest++ % kRemembered];
    place = std::move(parsed);
    return place.key;
}

/// What was used before a restore may have been forgotten by it: such assertions are over, used or not.
Result<void> check_epoch(const Services& services, InstanceScope scope, const ReadClaims& claims) {
    bool over = false;
    TRY(services.store.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(scope, "SELECT 1 FROM instances WHERE instance_no = ?1 AND token_epoch >= ?2", {Time{*claims.iat * 1'000'000}},
                        [&](const store::Row&) { over = true; });
    }));
    return over ? Result<void>(refuse("the assertion is older than the last restore of the database")) : Result<void>();
}

/// RFC 7523 section 3 (7): not twice. What is remembered is the jti; without one the text, which machines that count their time in seconds
/// repeat with all they ask within one: hence kRepeatable.
Result<void> check_first_use(const Services& services, InstanceScope scope, std::string_view owner, const ReadClaims& claims,
                             std::string_view assertion) {
    constexpr auto kKept = kMaxAssertionAge + kAssertionSkew;  // longer than any assertion is good
    const Time now = services.clock.now();
    const auto hash = crypto::sha256(claims.jti.empty() ? std::string(assertion) : std::string(owner) + '\0' + claims.jti);
    Time first = now;
    TRY(services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        const auto fresh =
            TRY(db.exec(scope, "INSERT INTO seen_once (instance_no, kind, hash, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                        {kClientAssertion, store::Blob{hash}, now + kKept}));
        if (fresh == 1) return {};
        if (!claims.jti.empty()) return refuse("the assertion has been used before");
        TRY(db.query(scope, "SELECT expires_at FROM seen_once WHERE instance_no = ?1 AND kind = ?2 AND hash = ?3",
                     {kClientAssertion, store::Blob{hash}}, [&](const store::Row& row) { first = row.time(0) - kKept; }));
        return {};
    }));
    if (now - first > kRepeatable) return refuse("the assertion has been used before");
    return {};
}

}  // namespace

Result<std::string> check_assertion(const Services& services, const Issuer& issuer, std::string_view assertion, const AssertionKeys& keys) {
    const auto unverified = crypto::parse_unverified_jwt(assertion);
    if (!unverified) return refuse("the assertion cannot be read");
    const auto key = TRY(keys(unverified->kid));
    if (!key) return refuse("the assertion's key is unknown");
    const auto public_key = TRY(parse_key(key->spki));
    const auto jwt = crypto::verify_jwt(assertion, kAllowed, [&](const crypto::Jwt&) { return std::optional(public_key); });
    if (!jwt) return refuse("the assertion's signature is wrong");
    const auto claims = read_claims(jwt->payload);
    if (!claims) return refuse("the assertion's claims cannot be read");
    TRY(check_claims(*claims, issuer, key->owner, services.clock.now()));
    TRY(check_epoch(services, issuer.scope, *claims));
    TRY(check_first_use(services, issuer.scope, key->owner, *claims, assertion));
    return key->owner;
}

}  // namespace godwit::oidc
