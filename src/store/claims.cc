#include "store/claims.h"

#include <cstdlib>

#include "store/forwarding.h"

namespace godwit::store {
namespace {

constexpr Database kDatabases[] = {Database::directory, Database::runtime};

thread_local PendingClaim* pending = nullptr;

}  // namespace

class ClaimingStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

private:
    Result<void> run_write(Database database, bool bulk, const WriteFn& fn) override {
        if (!pending || pending->committed_) return pass_on(database, bulk, fn);
        const auto fingerprint = TRY(pending->fingerprint_());
        auto outcome = pass_on(database, bulk, [&, claim = pending](Writer& db) -> Result<void> {
            TRY(claim->insert(db, fingerprint));  // first: who lost the race writes nothing at all
            return fn(db);
        });
        if (outcome) pending->committed_ = database;
        return outcome;
    }
};

std::unique_ptr<Store> claiming(std::unique_ptr<Store> store) { return std::make_unique<ClaimingStore>(std::move(store)); }

PendingClaim::PendingClaim(ClaimKey key, std::chrono::seconds lifetime, std::function<Result<std::string>()> fingerprint)
    : key_(std::move(key)), lifetime_(lifetime), fingerprint_(std::move(fingerprint)) {
    if (pending) std::abort();  // one call runs on a thread at a time
    pending = this;
}

PendingClaim::~PendingClaim() { pending = nullptr; }

Result<void> PendingClaim::insert(Writer& db, std::string_view fingerprint) const {
    // A claim whose time has passed and that nobody has swept away yet gives way.
    const auto claimed =
        TRY(db.exec(key_.instance,
                    "INSERT INTO idempotency (instance_no, caller_id, idempotency_key, request_sha256, response, created_at, expires_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (instance_no, caller_id, idempotency_key) DO UPDATE SET "
                    "request_sha256 = excluded.request_sha256, response = excluded.response, created_at = excluded.created_at, "
                    "expires_at = excluded.expires_at WHERE idempotency.expires_at < excluded.created_at",
                    {key_.caller, key_.key, Blob{fingerprint}, Blob{}, db.now(), db.now() + lifetime_}));
    if (claimed == 0)
        return fail(Code::aborted, "IDEM-Run03", "another call with this Idempotency-Key has just begun; ask again in a second");
    return {};
}

Result<std::optional<Claim>> find_claim(Store& store, const ClaimKey& key, Time now) {
    std::optional<Claim> found;
    for (const Database database : kDatabases) {
        TRY(store.read(database, [&](Reader& db) {
            return db.query(key.instance,
                            "SELECT request_sha256, response FROM idempotency "
                            "WHERE instance_no = ?1 AND caller_id = ?2 AND idempotency_key = ?3 AND expires_at >= ?4",
                            {key.caller, key.key, now},
                            [&](const Row& row) { found = Claim{database, std::string(row.blob(0)), std::string(row.blob(1))}; });
        }));
        if (found) break;
    }
    return found;
}

Result<void> keep_answer(Store& store, Database database, const ClaimKey& key, std::string_view answer) {
    TRY(store.write(database, [&](Writer& db) {
        return db.exec(key.instance,
                       "UPDATE idempotency SET response = ?4 WHERE instance_no = ?1 AND caller_id = ?2 AND idempotency_key = ?3",
                       {key.caller, key.key, Blob{answer}});
    }));
    return {};
}

Result<std::int64_t> purge_claims(Store& store, InstanceScope instance) {
    std::int64_t gone = 0;
    for (const Database database : kDatabases) {
        gone += TRY(store.write(database, [&](Writer& db) {
            return db.exec(instance,
                           "DELETE FROM idempotency WHERE instance_no = ?1 AND (caller_id, idempotency_key) IN "
                           "(SELECT caller_id, idempotency_key FROM idempotency WHERE instance_no = ?1 AND expires_at < ?2 LIMIT 1000)",
                           {db.now()});
        }));
    }
    return gone;
}

}  // namespace godwit::store
