#include "store/jobs.h"

namespace godwit::store {
namespace {

// instance_no comes last, so that the columns of every query are numbered alike.
#define GODWIT_JOB_COLUMNS                                                                                                           \
    "id, kind, state, fence, COALESCE(cursor_pos, ?2), COALESCE(progress, ?2), options, error, created_by, created_at, changed_at, " \
    "instance_no"

Job job_of(const Row& row) {
    return {.scope = InstanceScope::of({static_cast<std::int32_t>(row.i64(11))}),
            .id = row.i64(0),
            .kind = std::string(row.text(1)),
            .state = static_cast<JobState>(row.i64(2)),
            .fence = row.i64(3),
            .cursor = std::string(row.blob(4)),
            .progress = std::string(row.blob(5)),
            .options = std::string(row.blob(6)),
            .error = std::string(row.text(7)),
            .created_by = row.id<UserId>(8),
            .created_at = row.time(9),
            .changed_at = row.time(10)};
}

Result<void> under_fence(Result<std::int64_t> changed) {
    if (TRY(std::move(changed)) == 1) return {};
    return fail(Code::aborted, "STORE-fence", "the job was taken over or cancelled");
}

}  // namespace

Result<std::int64_t> create_job(Writer& db, InstanceScope scope, std::string_view kind, std::string_view options, UserId created_by) {
    const std::int64_t id = db.new_id();
    TRY(db.exec(scope,
                "INSERT INTO jobs (instance_no, id, kind, state, options, created_by, created_at, changed_at) VALUES (?1, ?2, ?3, 1, ?4, "
                "?5, ?6, ?6)",
                {id, kind, Blob{options}, created_by, db.now()}));
    return id;
}

Result<std::optional<Job>> find_job(Reader& db, InstanceScope scope, std::int64_t id) {
    std::optional<Job> job;
    TRY(db.query(scope, "SELECT " GODWIT_JOB_COLUMNS " FROM jobs WHERE instance_no = ?1 AND id = ?3", {Blob{""}, id},
                 [&](const Row& row) { job = job_of(row); }));
    return job;
}

Result<std::optional<Job>> claim_job(Writer& db, std::string_view kind, std::int32_t node) {
    std::optional<Job> job;
    const RowFn take = [&](const Row& row) { job = job_of(row); };
    // Two queries, each on its partial index: abandoned work first.
    TRY(db.system_query("SELECT " GODWIT_JOB_COLUMNS
                        " FROM jobs WHERE state = 2 AND lease_until < ?3 AND kind = ?4 ORDER BY lease_until LIMIT 1",
                        {Blob{""}, db.now(), kind}, take));
    if (!job)
        TRY(db.system_query("SELECT " GODWIT_JOB_COLUMNS " FROM jobs WHERE state = 1 AND kind = ?3 ORDER BY created_at LIMIT 1",
                            {Blob{""}, kind}, take));
    if (!job) return job;

    const std::int64_t claimed =
        TRY(db.exec(job->scope,
                    "UPDATE jobs SET state = 2, owner_node = ?2, lease_until = ?3, fence = fence + 1, changed_at = ?4 "
                    "WHERE instance_no = ?1 AND id = ?5 AND fence = ?6 AND state = ?7",
                    {node, db.now() + kJobLease, db.now(), job->id, job->fence, static_cast<int>(job->state)}));
    if (claimed == 0) return std::nullopt;  // another node was quicker; there is always a next time
    job->state = JobState::running;
    job->fence += 1;
    return job;
}

Result<std::optional<Job>> take_job(Writer& db, InstanceScope scope, std::int64_t id, const Taker& taker) {
    const std::int64_t taken =
        TRY(db.exec(scope,
                    "UPDATE jobs SET state = 2, owner_node = ?5, lease_until = ?2, fence = fence + 1, changed_at = ?3 "
                    "WHERE instance_no = ?1 AND id = ?4 AND "
                    "(state IN (1, 4) OR (state = 2 AND (?6 = 0 OR lease_until < ?3 OR (?6 = 2 AND owner_node <> ?5))))",
                    {db.now() + kJobLease, db.now(), id, taker.node, static_cast<int>(taker.from)}));
    if (taken == 0) return std::nullopt;
    return find_job(db, scope, id);
}

Result<void> renew_job(Writer& db, const Job& claimed) {
    return under_fence(db.exec(claimed.scope,
                               "UPDATE jobs SET lease_until = ?2 WHERE instance_no = ?1 AND id = ?3 AND fence = ?4 AND state = 2",
                               {db.now() + kJobLease, claimed.id, claimed.fence}));
}

Result<void> checkpoint_job(Writer& db, const Job& claimed, std::string_view cursor, std::string_view progress) {
    return under_fence(db.exec(claimed.scope,
                               "UPDATE jobs SET cursor_pos = ?2, progress = ?3, lease_until = ?4, changed_at = ?5 "
                               "WHERE instance_no = ?1 AND id = ?6 AND fence = ?7 AND state = 2",
                               {Blob{cursor}, Blob{progress}, db.now() + kJobLease, db.now(), claimed.id, claimed.fence}));
}

Result<void> finish_job(Writer& db, const Job& claimed, JobState state, std::string_view error) {
    return under_fence(db.exec(claimed.scope,
                               "UPDATE jobs SET state = ?2, error = ?3, lease_until = 0, changed_at = ?4 "
                               "WHERE instance_no = ?1 AND id = ?5 AND fence = ?6 AND state = 2",
                               {static_cast<int>(state), error, db.now(), claimed.id, claimed.fence}));
}

Result<bool> cancel_job(Writer& db, InstanceScope scope, std::int64_t id) {
    return TRY(db.exec(scope,
                       "UPDATE jobs SET state = 5, fence = fence + 1, lease_until = 0, changed_at = ?2 "
                       "WHERE instance_no = ?1 AND id = ?3 AND state IN (1, 2)",
                       {db.now(), id})) == 1;
}

}  // namespace godwit::store
