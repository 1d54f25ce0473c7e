#include "directory/key/signing_keys.h"

#include <utility>

#include "directory/instance/config_cache.h"
#include "store/store.h"

namespace godwit::key {
namespace {

using store::Database;

constexpr std::chrono::hours kLifetime{24 * 365 * 10};

crypto::Place place_of(std::string_view kid) { return {"signing_keys", kid, "private_key"}; }

struct StoredKey {
    std::string kid;
    std::string algorithm;
    std::string sealed;
    std::string spki;
    State state;
    Time not_before, not_after;
};

Result<std::vector<StoredKey>> read_keys(store::Reader& db, InstanceScope scope) {
    std::vector<StoredKey> keys;
    // The newest first, so that among several active ones (two activations at once) the newest signs.
    TRY(db.query(scope,
                 "SELECT kid, alg, private_key, spki, state, not_before, not_after FROM signing_keys "
                 "WHERE instance_no = ?1 AND key_use = 'sig' ORDER BY created_at DESC, kid DESC",
                 {}, [&](const store::Row& row) {
                     keys.push_back({.kid = std::string(row.text(0)),
                                     .algorithm = std::string(row.text(1)),
                                     .sealed = std::string(row.blob(2)),
                                     .spki = std::string(row.blob(3)),
                                     .state = static_cast<State>(row.i64(4)),
                                     .not_before = row.time(5),
                                     .not_after = row.time(6)});
                 }));
    return keys;
}

Result<std::string> insert(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                           crypto::Algorithm algorithm, const crypto::PrivateKey& key, State state) {
    const std::string kid = std::to_string(db.new_id());
    TRY(db.exec(scope,
                "INSERT INTO signing_keys (instance_no, kid, alg, private_key, spki, state, not_before, not_after, created_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7)",
                {kid, crypto::name_of(algorithm), store::Blob{sealer.seal(place_of(kid), key.to_der())},
                 store::Blob{key.public_key().to_der()}, static_cast<int>(state), db.now(), db.now() + kLifetime}));
    TRY(db.append(scope, store::event_of(editor, "key_pair", 0, "web_key.added", OrgId{}, store::EventBody().add("kid", kid).take())));
    TRY(instance::raise_config_version(db, scope));
    return kid;
}

Result<crypto::Algorithm> algorithm_of(const StoredKey& key) {
    const auto algorithm = crypto::parse_algorithm(key.algorithm);
    if (!algorithm) return fail(Code::data_loss, "KEY-Alg01", "a stored signing key names an unknown algorithm");
    return *algorithm;
}

}  // namespace

struct SigningKeys::Cache {
    instance::ConfigCache<int, SigningKey> active;
    instance::ConfigCache<int, std::vector<PublishedKey>> published;
};

SigningKeys::SigningKeys(store::Store& store, const Sealers& sealers)
    : store_(store), sealers_(sealers), cache_(std::make_unique<Cache>()) {}
SigningKeys::~SigningKeys() = default;

crypto::PrivateKey SigningKeys::make(crypto::Algorithm algorithm) {
    switch (algorithm) {
        case crypto::Algorithm::ES256:
            return crypto::PrivateKey::generate(crypto::KeyType::p256);
        case crypto::Algorithm::ES384:
            return crypto::PrivateKey::generate(crypto::KeyType::p384);
        case crypto::Algorithm::ES512:
            return crypto::PrivateKey::generate(crypto::KeyType::p521);
        case crypto::Algorithm::EdDSA:
            return crypto::PrivateKey::generate(crypto::KeyType::ed25519);
        default:
            return crypto::PrivateKey::generate_rsa(2048);
    }
}

Result<std::string> SigningKeys::create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                                        crypto::Algorithm algorithm, const crypto::PrivateKey& key) {
    return insert(db, scope, editor, sealer, algorithm, key, State::active);
}

Result<std::string> SigningKeys::publish(InstanceScope scope, const store::Editor& editor, crypto::Algorithm algorithm) {
    const auto key = make(algorithm);
    const auto sealer = TRY(sealers_.of(scope));
    return store_.write(Database::directory,
                        [&](store::Writer& db) { return insert(db, scope, editor, *sealer, algorithm, key, State::published); });
}

Result<void> SigningKeys::activate(InstanceScope scope, const store::Editor& editor, std::string_view kid) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(scope, "UPDATE signing_keys SET state = ?2, not_after = ?4 WHERE instance_no = ?1 AND state = ?3",
                    {static_cast<int>(State::retired), static_cast<int>(State::active), db.now() + kPublishedAfterRetirement}));
        const auto changed = TRY(db.exec(scope, "UPDATE signing_keys SET state = ?2 WHERE instance_no = ?1 AND kid = ?3 AND state = ?4",
                                         {static_cast<int>(State::active), kid, static_cast<int>(State::published)}));
        if (changed == 0)
            return fail(Code::failed_precondition, "KEY-Act01", "only a published key that is not in use yet can be activated");
        TRY(db.append(scope,
                      store::event_of(editor, "key_pair", 0, "web_key.activated", OrgId{}, store::EventBody().add("kid", kid).take())));
        return instance::raise_config_version(db, scope);
    });
}

Result<std::shared_ptr<const SigningKey>> SigningKeys::active(InstanceScope scope) const {
    auto found = TRY(store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->active.get(db, scope, 0, [&](store::Reader& reader) -> Result<std::shared_ptr<const SigningKey>> {
            for (const auto& stored : TRY(read_keys(reader, scope))) {
                if (stored.state != State::active) continue;
                const auto sealer = TRY(sealers_.of(reader, scope));
                const Secret der = TRY(sealer->open(place_of(stored.kid), stored.sealed));
                return std::make_shared<const SigningKey>(stored.kid, TRY(algorithm_of(stored)), TRY(crypto::PrivateKey::from_der(der)));
            }
            return nullptr;
        });
    }));
    if (!found) return fail(Code::not_found, "KEY-Sig01", "the instance has no signing key");
    return found;
}

Result<std::shared_ptr<const std::vector<PublishedKey>>> SigningKeys::published(InstanceScope scope) const {
    return store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->published.get(db, scope, 0, [&](store::Reader& reader) -> Result<std::shared_ptr<const std::vector<PublishedKey>>> {
            auto keys = std::make_shared<std::vector<PublishedKey>>();
            for (const auto& stored : TRY(read_keys(reader, scope)))
                keys->push_back({stored.kid, TRY(algorithm_of(stored)), stored.state, TRY(crypto::PublicKey::from_der(stored.spki)),
                                 stored.not_before, stored.not_after});
            return keys;
        });
    });
}

}  // namespace godwit::key
