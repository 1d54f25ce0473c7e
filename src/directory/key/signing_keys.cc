#include "directory/key/signing_keys.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "directory/instance/config_cache.h"
#include "store/event_body.h"
#include "store/store.h"

namespace godwit::key {
namespace {

using store::Database;

/// Columns of the first version that nothing depends on any more.
constexpr std::chrono::hours kLifetime{24 * 365 * 10};

crypto::Place place_of(std::string_view kid) { return {"signing_keys", kid, "private_key"}; }

struct StoredKey {
    std::string kid;
    std::string algorithm;
    std::string sealed;
    std::string spki;
    State state;
    IssuerKey issuer;
    std::string successor;
    Time created, changed;
};

Result<std::vector<StoredKey>> read_keys(store::Reader& db, InstanceScope scope) {
    std::vector<StoredKey> keys;
    TRY(db.query(scope,
                 "SELECT kid, alg, private_key, spki, state, issuer_id, successor, created_at, changed_at FROM signing_keys "
                 "WHERE instance_no = ?1 AND key_use = 'sig' ORDER BY created_at DESC, kid DESC",
                 {}, [&](const store::Row& row) {
                     keys.push_back({.kid = std::string(row.text(0)),
                                     .algorithm = std::string(row.text(1)),
                                     .sealed = std::string(row.blob(2)),
                                     .spki = std::string(row.blob(3)),
                                     .state = static_cast<State>(row.i64(4)),
                                     .issuer = row.i64(5),
                                     .successor = std::string(row.text(6)),
                                     .created = row.time(7),
                                     .changed = std::max(row.time(7), row.time(8))});
                 }));
    return keys;
}

/// The event, and the end of what is cached.
Result<void> note(store::Writer& db, InstanceScope scope, const store::Editor& editor, std::string_view type, std::string_view kid) {
    // A key that was made elsewhere may have an id that is no number.
    const auto id = parse_number<std::int64_t>(kid).value_or(0);
    TRY(db.append(scope, store::event_of(editor, "web_key", id, type, OrgId{}, store::EventBody().add("kid", kid).take())));
    return instance::raise_config_version(db, scope);
}

struct NewKey {
    std::string_view kid;
    crypto::Algorithm algorithm;
    const crypto::PrivateKey& key;
    State state;
    IssuerKey issuer = kOwnIssuer;
};

Result<KeyChange> insert(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                         const NewKey& wanted) {
    const std::string kid(wanted.kid);
    TRY(db.exec(
        scope,
        "INSERT INTO signing_keys (instance_no, kid, alg, private_key, spki, state, not_before, not_after, created_at, changed_at, "
        "issuer_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, ?7, ?9)",
        {kid, crypto::name_of(wanted.algorithm), store::Blob{sealer.seal(place_of(kid), wanted.key.to_der())},
         store::Blob{wanted.key.public_key().to_der()}, static_cast<int>(wanted.state), db.now(), db.now() + kLifetime, wanted.issuer}));
    TRY(note(db, scope, editor, "web_key.added", kid));
    return KeyChange{kid, db.now()};
}

Result<crypto::Algorithm> algorithm_of(const StoredKey& key) {
    const auto algorithm = crypto::parse_algorithm(key.algorithm);
    if (!algorithm) return fail(Code::data_loss, "KEY-Alg01", "a stored signing key names an unknown algorithm");
    return *algorithm;
}

/// Notes each key that the statement ("… RETURNING kid") has changed, and says how many these are.
Result<std::int64_t> note_each(store::Writer& db, InstanceScope scope, const store::Editor& editor, std::string_view type,
                               std::string_view statement, store::Params values) {
    std::vector<std::string> kids;
    TRY(db.query(scope, statement, values, [&](const store::Row& row) { kids.emplace_back(row.text(0)); }));
    for (const auto& kid : kids) TRY(note(db, scope, editor, type, kid));
    return static_cast<std::int64_t>(kids.size());
}

/// Whichever keys of the issuer are active retire.
Result<void> retire_active(store::Writer& db, InstanceScope scope, const store::Editor& editor, IssuerKey issuer) {
    TRY(note_each(
        db, scope, editor, "web_key.deactivated",
        "UPDATE signing_keys SET state = ?2, changed_at = ?4 WHERE instance_no = ?1 AND state = ?3 AND issuer_id = ?5 RETURNING kid",
        {static_cast<int>(State::retired), static_cast<int>(State::active), db.now(), issuer}));
    return {};
}

}  // namespace

struct SigningKeys::Cache {
    instance::ConfigCache<IssuerKey, SigningKey> active;
    instance::ConfigCache<int, std::vector<PublishedKey>> published;
};

SigningKeys::SigningKeys(store::Store& store, const Sealers& sealers)
    : store_(store), sealers_(sealers), cache_(std::make_unique<Cache>()) {}
SigningKeys::~SigningKeys() = default;

crypto::PrivateKey SigningKeys::make(const KeyKind& kind) {
    switch (kind.algorithm) {
        case crypto::Algorithm::ES256:
            return crypto::PrivateKey::generate(crypto::KeyType::p256);
        case crypto::Algorithm::ES384:
            return crypto::PrivateKey::generate(crypto::KeyType::p384);
        case crypto::Algorithm::ES512:
            return crypto::PrivateKey::generate(crypto::KeyType::p521);
        case crypto::Algorithm::EdDSA:
            return crypto::PrivateKey::generate(crypto::KeyType::ed25519);
        default:
            return crypto::PrivateKey::generate_rsa(kind.rsa_bits);
    }
}

Result<std::string> SigningKeys::create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const crypto::Sealer& sealer,
                                        crypto::Algorithm algorithm, const crypto::PrivateKey& key) {
    const std::string kid = std::to_string(db.new_id());
    TRY(insert(db, scope, editor, sealer, {.kid = kid, .algorithm = algorithm, .key = key, .state = State::active}));
    return kid;
}

Result<KeyChange> SigningKeys::publish(InstanceScope scope, const store::Editor& editor, const KeyKind& kind) {
    const auto key = make(kind);
    const auto sealer = TRY(sealers_.of(scope));
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<KeyChange> {
        const std::string kid = std::to_string(db.new_id());
        return insert(db, scope, editor, *sealer, {.kid = kid, .algorithm = kind.algorithm, .key = key, .state = State::published});
    });
}

Result<std::optional<KeyChange>> SigningKeys::publish_successor(InstanceScope scope, const store::Editor& editor, std::string_view active,
                                                                std::string_view replaced, const KeyKind& kind) {
    const auto key = make(kind);
    const auto sealer = TRY(sealers_.of(scope));
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<std::optional<KeyChange>> {
        const std::string kid = std::to_string(db.new_id());
        const auto named = TRY(
            db.exec(scope, "UPDATE signing_keys SET successor = ?2 WHERE instance_no = ?1 AND kid = ?3 AND state = ?4 AND successor = ?5",
                    {kid, active, static_cast<int>(State::active), replaced}));
        if (named == 0) return std::nullopt;
        return TRY(insert(db, scope, editor, *sealer, {.kid = kid, .algorithm = kind.algorithm, .key = key, .state = State::published}));
    });
}

Result<KeyChange> SigningKeys::activate(InstanceScope scope, const store::Editor& editor, std::string_view kid) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<KeyChange> {
        const auto keys = TRY(read_keys(db, scope));
        const auto found = std::ranges::find(keys, kid, &StoredKey::kid);
        if (found == keys.end() || found->issuer != kOwnIssuer) return fail(Code::not_found, "COMMAND-teiG3", "Web key not found");
        if (found->state == State::active) return KeyChange{found->kid, found->changed};
        TRY(retire_active(db, scope, editor, kOwnIssuer));
        TRY(db.exec(scope, "UPDATE signing_keys SET state = ?2, changed_at = ?4, successor = '' WHERE instance_no = ?1 AND kid = ?3",
                    {static_cast<int>(State::active), kid, db.now()}));
        TRY(note(db, scope, editor, "web_key.activated", kid));
        return KeyChange{found->kid, db.now()};
    });
}

Result<std::optional<KeyChange>> SigningKeys::remove(InstanceScope scope, const store::Editor& editor, std::string_view kid) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<std::optional<KeyChange>> {
        const auto keys = TRY(read_keys(db, scope));
        const auto found = std::ranges::find(keys, kid, &StoredKey::kid);
        if (found == keys.end() || found->issuer != kOwnIssuer) return std::nullopt;
        if (found->state == State::active)
            return fail(Code::failed_precondition, "COMMAND-Chai1", "The web key signs tokens; activate another one before you delete it");
        TRY(db.exec(scope, "DELETE FROM signing_keys WHERE instance_no = ?1 AND kid = ?2", {kid}));
        TRY(note(db, scope, editor, "web_key.removed", kid));
        return KeyChange{found->kid, db.now()};
    });
}

Result<std::int64_t> SigningKeys::remove_retired(InstanceScope scope, const store::Editor& editor, Time before) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<std::int64_t> {
        return note_each(db, scope, editor, "web_key.removed",
                         "DELETE FROM signing_keys WHERE instance_no = ?1 AND state = ?2 AND changed_at < ?3 RETURNING kid",
                         {static_cast<int>(State::retired), before});
    });
}

Result<KeyChange> SigningKeys::import(InstanceScope scope, const store::Editor& editor, IssuerKey issuer, std::string_view kid,
                                      crypto::Algorithm algorithm, const crypto::PrivateKey& key) {
    const auto sealer = TRY(sealers_.of(scope));
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<KeyChange> {
        const auto keys = TRY(read_keys(db, scope));
        if (std::ranges::find(keys, kid, &StoredKey::kid) != keys.end())
            return fail(Code::already_exists, "KEY-Imp01", "the instance has a signing key of this id already");
        TRY(retire_active(db, scope, editor, issuer));
        return insert(db, scope, editor, *sealer,
                      {.kid = kid, .algorithm = algorithm, .key = key, .state = State::active, .issuer = issuer});
    });
}

Result<void> SigningKeys::remove_all_of(store::Writer& db, InstanceScope scope, const store::Editor& editor, IssuerKey issuer) {
    TRY(note_each(db, scope, editor, "web_key.removed", "DELETE FROM signing_keys WHERE instance_no = ?1 AND issuer_id = ?2 RETURNING kid",
                  {issuer}));
    return {};
}

Result<std::shared_ptr<const SigningKey>> SigningKeys::active(InstanceScope scope, IssuerKey issuer) const {
    auto found = TRY(store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->active.get(db, scope, issuer, [&](store::Reader& reader) -> Result<std::shared_ptr<const SigningKey>> {
            const auto keys = TRY(read_keys(reader, scope));
            // The newest first, so that among several active ones (two activations at once) the newest signs.
            auto chosen = std::ranges::find_if(keys, [&](const auto& key) { return key.state == State::active && key.issuer == issuer; });
            if (chosen == keys.end())
                chosen = std::ranges::find_if(keys, [](const auto& key) { return key.state == State::active && key.issuer == kOwnIssuer; });
            if (chosen == keys.end()) return nullptr;
            const auto sealer = TRY(sealers_.of(reader, scope));
            const Secret der = TRY(sealer->open(place_of(chosen->kid), chosen->sealed));
            return std::make_shared<const SigningKey>(chosen->kid, TRY(algorithm_of(*chosen)), TRY(crypto::PrivateKey::from_der(der)));
        });
    }));
    if (!found) return fail(Code::not_found, "KEY-Sig01", "the instance has no signing key");
    return found;
}

Result<std::shared_ptr<const std::vector<PublishedKey>>> SigningKeys::published(InstanceScope scope) const {
    return store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->published.get(db, scope, 0, [&](store::Reader& reader) -> Result<std::shared_ptr<const std::vector<PublishedKey>>> {
            auto keys = std::make_shared<std::vector<PublishedKey>>();
            for (auto& stored : TRY(read_keys(reader, scope)))
                keys->push_back({.kid = std::move(stored.kid),
                                 .algorithm = TRY(algorithm_of(stored)),
                                 .state = stored.state,
                                 .key = TRY(crypto::PublicKey::from_der(stored.spki)),
                                 .issuer = stored.issuer,
                                 .successor = std::move(stored.successor),
                                 .created = stored.created,
                                 .changed = stored.changed});
            return keys;
        });
    });
}

}  // namespace godwit::key
