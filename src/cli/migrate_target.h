// Where `godwit migrate` works.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "godwit/migration/v1/migration.pb.h"
#include "migration/engine/report.h"
#include "migration/sources/source.h"

namespace godwit::cli {

namespace pb = migration::v1;

struct WantedJob {
    std::string source;        ///< name of the system
    std::string kind;          ///< of --from
    std::string organization;  ///< id, domain or name
    pb::Pattern pattern = pb::PATTERN_BATCH;
    pb::JobOptions options;
};

/// What happens while a job runs; called on one thread.
struct RunWatch {
    std::function<bool()> stop;
    std::function<void(const pb::Counters&, std::uint64_t milliseconds, std::uint64_t source_bytes)> progress;
    std::function<void(std::size_t built, std::size_t of)> indexes;
};

class MigrateTarget {
public:
    virtual ~MigrateTarget() = default;

    /// The job with this idempotency key, or a new one.
    virtual Result<pb::Job> create(const WantedJob& wanted, const std::string& key) = 0;
    /// From where the job stands to the source's end, or until it is stopped; answers the job as it is then. Takes it over from another
    /// run.
    virtual Result<pb::Job> run(const pb::Job& job, migration::Source& source, const RunWatch& watch) = 0;
    /// With the states of its source's users.
    virtual Result<pb::Job> get(const std::string& id) = 0;
    /// Newest first.
    virtual Result<std::vector<pb::Job>> list() = 0;
    virtual Result<pb::Job> pause(const std::string& id) = 0;
    virtual Result<pb::Job> resume(const std::string& id) = 0;
    virtual Result<pb::Job> cancel(const std::string& id) = 0;
    /// A page of the report: records after the number `after`.
    virtual Result<migration::ReportPage> report(const std::string& id, std::uint64_t after, bool failed_only) = 0;
};

}  // namespace godwit::cli
