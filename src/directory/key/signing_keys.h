// The keys an instance signs tokens with. A key is published before it is used and stays published until nothing it signed can
// still be valid: pre-published → active → retired.
#pragma once

#include <chrono>
#include <memory>
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

enum class State { published = 1, active = 2, retired = 3 };

struct PublishedKey {
    std::string kid;
    crypto::Algorithm algorithm = crypto::Algorithm::RS256;
    State state = State::active;
    crypto::PublicKey key;
    Time not_before;
    Time not_after;
};

/// How long a retired key stays in the key set: longer than any token lives.
inline constexpr std::chrono::hours kPublishedAfterRetirement{24 * 30};

class SigningKeys {
public:
    SigningKeys(store::Store& store, const Sealers& sealers);
    ~SigningKeys();

    /// A pair made outside any transaction (RSA takes a while). RS256 is the default for compatibility.
    static crypto::PrivateKey make(crypto::Algorithm algorithm);

    /// Stores the instance's first key as active one. Answers its kid.
    Result<std::string> create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                               crypto::Algorithm algorithm, const crypto::PrivateKey& key);

    /// Publishes a new key beside the active one; activate() puts it to use when the caches of relying parties have it.
    Result<std::string> publish(InstanceScope scope, const store::Editor& editor, crypto::Algorithm algorithm);
    /// failed_precondition KEY-Act01 when the key is not a published one.
    Result<void> activate(InstanceScope scope, const store::Editor& editor, std::string_view kid);

    /// The active key; cached. not_found KEY-Sig01 when there is none.
    Result<std::shared_ptr<const SigningKey>> active(InstanceScope scope) const;
    /// Everything that may have signed a token that is still valid, and the one that comes next: what the JWKS shows. Cached.
    Result<std::shared_ptr<const std::vector<PublishedKey>>> published(InstanceScope scope) const;

private:
    store::Store& store_;
    const Sealers& sealers_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

}  // namespace godwit::key
