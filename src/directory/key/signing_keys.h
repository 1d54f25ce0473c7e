// The keys an instance signs tokens with. A key is published before it is used and stays published until nothing it signed can
// still be valid: published → active → retired. One of them signs; issuers beside the instance's own may have keys of their own.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/keys.h"
#include "directory/key/sealers.h"
#include "store/editor.h"

namespace godwit::key {

/// Ready to sign with. Immutable.
struct SigningKey {
    std::string kid;
    crypto::Algorithm algorithm = crypto::Algorithm::RS256;
    crypto::PrivateKey key;
};

enum class State { published = 1, active = 2, retired = 3 };  ///< zitadel.webkey.v2.State

/// Whose a key is: a row of `issuers`, 0 for the instance's own issuer.
using IssuerKey = std::int64_t;
inline constexpr IssuerKey kOwnIssuer = 0;

struct PublishedKey {
    std::string kid;
    crypto::Algorithm algorithm = crypto::Algorithm::RS256;
    State state = State::active;
    crypto::PublicKey key;
    IssuerKey issuer = kOwnIssuer;
    std::string successor;  ///< the key that the rotation made to follow this one; ""
    Time created;
    Time changed;  ///< since when it is in this state
};

/// What to make: RS256 with 2,048 bits is the default for compatibility.
struct KeyKind {
    crypto::Algorithm algorithm = crypto::Algorithm::RS256;
    int rsa_bits = 2048;
};

/// What a change of a key answers.
struct KeyChange {
    std::string kid;
    Time at;
};

class SigningKeys {
public:
    SigningKeys(store::Store& store, const Sealers& sealers);
    ~SigningKeys();

    /// A pair made outside any transaction (RSA takes a while: 4,096 bits seconds).
    static crypto::PrivateKey make(const KeyKind& kind);

    /// Stores the instance's first key as active one. Answers its kid.
    Result<std::string> create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                               crypto::Algorithm algorithm, const crypto::PrivateKey& key);

    /// Publishes a new key beside the active one; activate() puts it to use when the caches of relying parties have it.
    Result<KeyChange> publish(InstanceScope scope, const store::Editor& editor, const KeyKind& kind);
    /// The same for a key that shall follow `active`. nullopt when that one is not active any more or has another successor than
    /// `replaced` by now: another node was quicker.
    Result<std::optional<KeyChange>> publish_successor(InstanceScope scope, const store::Editor& editor, std::string_view active,
                                                       std::string_view replaced, const KeyKind& kind);

    /// Lets a key of the instance sign from now on; the one before it retires. Nothing changes when it signs already. not_found
    /// COMMAND-teiG3.
    Result<KeyChange> activate(InstanceScope scope, const store::Editor& editor, std::string_view kid);
    /// What the key signed is worthless from now on. nullopt when there is none; failed_precondition COMMAND-Chai1 for the active one.
    Result<std::optional<KeyChange>> remove(InstanceScope scope, const store::Editor& editor, std::string_view kid);
    /// Removes what retired before `before`; how many.
    Result<std::int64_t> remove_retired(InstanceScope scope, const store::Editor& editor, Time before);

    /// A key made elsewhere, which signs for `issuer` (not the own one) from now on. already_exists KEY-Imp01 when the instance has a key
    /// of that id.
    Result<KeyChange> import(InstanceScope scope, const store::Editor& editor, IssuerKey issuer, std::string_view kid,
                             crypto::Algorithm algorithm, const crypto::PrivateKey& key);
    /// In the transaction that removes the issuer.
    static Result<void> remove_all_of(store::Writer& db, InstanceScope scope, const store::Editor& editor, IssuerKey issuer);

    /// The active key of an issuer, or the instance's when that issuer has none; cached. not_found KEY-Sig01 when there is none.
    Result<std::shared_ptr<const SigningKey>> active(InstanceScope scope, IssuerKey issuer = kOwnIssuer) const;
    /// Everything that may have signed a token that is still valid, and the one that comes next, of all issuers; the newest first. Cached.
    Result<std::shared_ptr<const std::vector<PublishedKey>>> published(InstanceScope scope) const;

private:
    store::Store& store_;
    const Sealers& sealers_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

}  // namespace godwit::key
