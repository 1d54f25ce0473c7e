// Migrations as the store keeps them: the job, what it counts, where it stands. docs/migrate/jobs.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "godwit/migration/v1/migration.pb.h"
#include "store/editor.h"
#include "store/jobs.h"
#include "store/list_query.h"

namespace godwit::migration {

/// The kind of its row in `jobs`.
inline constexpr std::string_view kJobKind = "migration";

struct NewJob {
    std::string source;  ///< the name of the system the users come from
    std::string kind;
    OrgId org;                   ///< of records that name none
    bool instance_wide = false;  ///< made by who may write everywhere: records may name other organizations
    v1::Pattern pattern = v1::PATTERN_BATCH;
    v1::JobOptions options;
    std::string idempotency_key = {};  ///< "": none
};

/// A job as its runner needs it.
struct JobRow {
    std::int64_t id = 0;
    std::int32_t source_no = 0;
    OrgId org;
    bool instance_wide = false;
    v1::Job job;
    std::vector<std::uint64_t> held;  ///< as in Checkpoint
};

/// A claim on a job: what the batches are written under.
struct Claimed {
    JobRow row;
    store::Job lease;
};

class Jobs {
public:
    explicit Jobs(store::Store& store) : store_(store) {}

    /// The job that has the idempotency key, or a new one (waiting), as complete() has it. The source gets its number when it is new.
    /// already_exists MIGRATE-Job02: the key is of a job with other settings.
    Result<JobRow> create(InstanceScope instance, const NewJob& asked, const store::Editor& editor);
    /// `within` 0: of the whole instance; else only jobs for this organization alone are found. `id` is decimal. not_found MIGRATE-Job03.
    Result<JobRow> get(InstanceScope instance, OrgId within, std::string_view id) const;
    Result<std::optional<JobRow>> find_by_key(InstanceScope instance, std::string_view idempotency_key) const;
    /// Fills in how many users of the job's source are in each state, by its name (user_state.h).
    Result<void> count_user_states(InstanceScope instance, JobRow& row) const;
    /// Newest first.
    Result<std::pair<std::vector<v1::Job>, std::uint64_t>> list(InstanceScope instance, OrgId within, const store::Page& page) const;

    /// Takes the job to run it; another runner finds out at its next batch. failed_precondition MIGRATE-Job04 when it is done or cancelled,
    /// MIGRATE-Job05 when it is paused; aborted MIGRATE-Job06 when somebody is at it whom `taker` leaves it.
    Result<Claimed> claim(InstanceScope instance, std::int64_t id, const store::Taker& taker = {});
    /// Says that the runner lives, however long its batch takes. aborted STORE-fence as in write_checkpoint.
    Result<void> renew(const Claimed& claimed);
    /// The runner's last word. `state`: waiting, done, failed or paused.
    Result<void> release(const Claimed& claimed, v1::JobState state, std::string_view error);

    /// Its runner stops at the next batch. failed_precondition MIGRATE-Job04 when it has ended.
    Result<void> pause(const JobRow& row, InstanceScope instance, std::string_view why);
    /// A paused or failed one waits again.
    Result<void> resume(const JobRow& row, InstanceScope instance);
    Result<void> cancel(const JobRow& row, InstanceScope instance);

private:
    store::Store& store_;
};

/// Where a job stands and what it counted, written with each batch (store::checkpoint_job).
struct Checkpoint {
    std::uint64_t last_record = 0;
    std::uint64_t milliseconds = 0;
    v1::Counters counters;
    /// Numbers up to last_record, rising, of records that are not accounted for: an initial load put them off (initial_load.h).
    std::vector<std::uint64_t> held;
    std::uint64_t brought = 0;  ///< users who were not here before, by this run; not written
};
/// aborted STORE-fence when the job was paused, cancelled or taken over.
Result<void> write_checkpoint(store::Writer& db, const Claimed& claimed, const Checkpoint& checkpoint);

/// Fills in what the options leave open, and says what contradicts itself: invalid_argument MIGRATE-Job01.
Result<NewJob> complete(NewJob wanted);

}  // namespace godwit::migration
