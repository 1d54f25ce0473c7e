// Claims on keys (Idempotency-Key): that a call with this key wrote something, committed in the transaction of its first write, whichever
// of the two databases that goes to; and the answer it got.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace godwit::store {

struct ClaimKey {
    InstanceScope instance;
    UserId caller;
    std::string key;
};

struct Claim {
    Database database = Database::directory;  ///< where it stands
    std::string fingerprint;                  ///< of the request, as PendingClaim was given it
    std::string answer;                       ///< as keep_answer() was given it; empty: none was ever kept
};

/// nullopt: nobody wrote anything under this key, or that is longer ago than the claim lives.
Result<std::optional<Claim>> find_claim(Store& store, const ClaimKey& key, Time now);

/// While it lives, the first write of this thread into a claiming() store carries the claim: both are committed, or neither. When the
/// key was claimed meanwhile (by another node), that write fails with aborted IDEM-Run03 and nothing is written. Not to be nested.
class PendingClaim {
public:
    /// `fingerprint` is asked when the first write begins; its error is that write's. It is stored as it is.
    PendingClaim(ClaimKey key, std::chrono::seconds lifetime, std::function<Result<std::string>()> fingerprint);
    ~PendingClaim();
    PendingClaim(const PendingClaim&) = delete;
    PendingClaim& operator=(const PendingClaim&) = delete;

    /// nullopt: nothing was written, as far as the database told.
    std::optional<Database> committed() const { return committed_; }

private:
    friend class ClaimingStore;
    Result<void> insert(Writer& db, std::string_view fingerprint) const;

    const ClaimKey key_;
    const std::chrono::seconds lifetime_;
    const std::function<Result<std::string>()> fingerprint_;
    std::optional<Database> committed_;
};

/// The same store, whose writes carry the claim that is pending on their thread.
std::unique_ptr<Store> claiming(std::unique_ptr<Store> store);

/// Gives a committed claim its answer, sealed by the caller.
Result<void> keep_answer(Store& store, Database database, const ClaimKey& key, std::string_view answer);

/// Deletes up to 1,000 claims of each database whose time has passed. Answers how many went; ask again while that is not 0.
Result<std::int64_t> purge_claims(Store& store, InstanceScope instance);

}  // namespace godwit::store
