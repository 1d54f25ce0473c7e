#include "directory/key/sealers.h"

#include "directory/instance/config_cache.h"
#include "store/store.h"

namespace godwit::key {
namespace {

enum class State { active = 1, opens_only = 2 };
constexpr std::uint32_t kFirstKeyNo = 1;

Result<void> insert(store::Writer& db, InstanceScope scope, const crypto::MasterKey& master, const crypto::DataKey& key) {
    TRY(db.exec(
        scope, "INSERT INTO data_keys (instance_no, key_no, wrapped, master_key_id, state, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        {key.no.value, store::Blob{master.wrap(scope.no(), key)}, master.check_value(), static_cast<int>(State::active), db.now()}));
    return {};
}

}  // namespace

struct Sealers::Cache {
    instance::ConfigCache<int, crypto::Sealer> sealers;
};

Sealers::Sealers(store::Store& store, crypto::MasterKey master)
    : store_(store), master_(std::move(master)), cache_(std::make_unique<Cache>()) {}
Sealers::~Sealers() = default;

Result<std::shared_ptr<const crypto::Sealer>> Sealers::create(store::Writer& db, InstanceScope scope) {
    const auto key = crypto::MasterKey::make_data_key(crypto::KeyNo{kFirstKeyNo});
    TRY(insert(db, scope, master_, key));
    return std::make_shared<const crypto::Sealer>(scope.no(), std::vector{key}, key.no);
}

Result<std::shared_ptr<const crypto::Sealer>> Sealers::of(InstanceScope scope) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) { return of(db, scope); });
}

Result<std::shared_ptr<const crypto::Sealer>> Sealers::of(store::Reader& db, InstanceScope scope) const {
    if (scope.no().value == 0) return load(db, scope);  // the system has no config_version; its key is seldom asked for
    return cache_->sealers.get(db, scope, 0, [&](store::Reader& reader) { return load(reader, scope); });
}

Result<std::shared_ptr<const crypto::Sealer>> Sealers::load(store::Reader& db, InstanceScope scope) const {
    std::vector<crypto::DataKey> keys;
    std::optional<Error> unreadable;
    crypto::KeyNo active;
    TRY(db.query(scope, "SELECT key_no, wrapped, state FROM data_keys WHERE instance_no = ?1 ORDER BY key_no", {},
                 [&](const store::Row& row) {
                     const crypto::KeyNo no{static_cast<std::uint32_t>(row.i64(0))};
                     auto key = master_.unwrap(scope.no(), no, row.blob(1));
                     if (!key) {
                         unreadable = std::move(key).error();
                         return;
                     }
                     keys.push_back(*std::move(key));
                     if (static_cast<State>(row.i64(2)) == State::active) active = no;
                 }));
    if (unreadable) return fail(*std::move(unreadable));
    if (active.value == 0) return fail(Code::not_found, "KEY-Dat01", "the instance has no data key");
    return std::make_shared<const crypto::Sealer>(scope.no(), std::move(keys), active);
}

Result<void> Sealers::rotate(InstanceScope scope) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        std::uint32_t last = 0;
        TRY(db.query(scope, "SELECT COALESCE(MAX(key_no), 0) FROM data_keys WHERE instance_no = ?1", {},
                     [&](const store::Row& row) { last = static_cast<std::uint32_t>(row.i64(0)); }));
        TRY(db.exec(scope, "UPDATE data_keys SET state = ?2 WHERE instance_no = ?1", {static_cast<int>(State::opens_only)}));
        // Made in here because its number is known only here; drawing 32 random bytes blocks nothing.
        TRY(insert(db, scope, master_, crypto::MasterKey::make_data_key(crypto::KeyNo{last + 1})));
        return instance::raise_config_version(db, scope);
    });
}

Result<void> Sealers::check_master_key() const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        bool foreign = false;
        TRY(db.system_query("SELECT instance_no FROM data_keys WHERE instance_no >= ?1 AND master_key_id <> ?2 LIMIT 1",
                            {master_.check_value()}, [&](const store::Row&) { foreign = true; }));
        if (foreign)
            return fail(Code::failed_precondition, "KEY-Mst01",
                        "this database was made with another master key; start with the key that was used for its first start");
        return {};
    });
}

}  // namespace godwit::key
