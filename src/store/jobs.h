// Long work that outlives a request and a node: imports, backfills, clean-ups. A node claims a job under a lease and a fence; its
// checkpoint is written with the batch it stands for, and refused once another node has taken over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace godwit::store {

enum class JobState : std::int8_t { waiting = 1, running = 2, done = 3, failed = 4, cancelled = 5 };

struct Job {
    InstanceScope scope;
    std::int64_t id;
    std::string kind;
    JobState state;
    std::int64_t fence;  ///< rises with every claim
    std::string cursor;  ///< the last checkpoint, the kind's own form; "" at the start
    std::string progress;
    std::string options;
    std::string error;
    UserId created_by;
    Time created_at;
    Time changed_at;
};

/// How long a claim holds without a checkpoint.
inline constexpr std::chrono::seconds kJobLease{20};

/// A job that waits to be claimed; its id.
Result<std::int64_t> create_job(Writer& db, InstanceScope scope, std::string_view kind, std::string_view options, UserId created_by);

Result<std::optional<Job>> find_job(Reader& db, InstanceScope scope, std::int64_t id);

/// The oldest waiting job of `kind`, or one whose node stopped renewing, of any instance; nullopt when there is none.
Result<std::optional<Job>> claim_job(Writer& db, std::string_view kind, std::int32_t node);

/// Who takes a job for work that a client leads, and comes back to.
struct Taker {
    std::int32_t node = -1;  ///< of the process; any other number is another's
    enum class From {
        anybody,  ///< also from who is at it, who finds out at the next checkpoint
        silent,   ///< from who has not renewed the lease
        others,   ///< besides, from any other process: there is none that lives
    };
    From from = From::anybody;
};
/// This job. nullopt when it is done or cancelled, not there, or somebody else's whom `taker` leaves it.
Result<std::optional<Job>> take_job(Writer& db, InstanceScope scope, std::int64_t id, const Taker& taker = {});

/// Renews the lease between checkpoints. STORE-fence as below.
Result<void> renew_job(Writer& db, const Job& claimed);

/// Renews the lease and keeps where the work stands, in the transaction of the work itself. aborted (STORE-fence) when the claim was lost:
/// the caller's transaction fails with it, so nothing is done twice.
Result<void> checkpoint_job(Writer& db, const Job& claimed, std::string_view cursor, std::string_view progress);

/// The last word on a claimed job; `state` is done, failed (with `error`) or waiting (to be claimed again). STORE-fence as above.
Result<void> finish_job(Writer& db, const Job& claimed, JobState state, std::string_view error = "");

/// Ends a job that waits or runs; its node finds out at its next checkpoint. False when it had ended already.
Result<bool> cancel_job(Writer& db, InstanceScope scope, std::int64_t id);

}  // namespace godwit::store
