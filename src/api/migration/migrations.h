// godwit.migration.v1.MigrationService: migrations as objects of the server. docs/migrate/server.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "api/migration/still_allowed.h"
#include "api/migration/watch.h"
#include "base/result.h"
#include "migration/engine/jobs.h"
#include "migration/engine/run.h"
#include "migration/engine/sent_records.h"
#include "transport/rpc/registry.h"

namespace godwit::api {

struct MigrationSetup {
    std::int32_t node = 0;   ///< of this process: no other that uses the same databases has it
    bool only_node = false;  ///< no other process can use them: who else had a job is dead
    /// Asked again while a client sends or watches, which may take hours; outlives the service. Null: only at the beginning.
    rpc::Authenticator* authenticator = nullptr;
};

class Migrations {
public:
    Migrations(const migration::RunParts& parts, rpc::Permissions& permissions, const MigrationSetup& setup);

    /// This outlives the registry.
    void register_on(rpc::Registry& registry);
    /// Records that are being sent wait for another time, watchers end.
    void begin_shutdown();

private:
    class Sending;

    /// Whether the caller has the permission on the whole instance.
    bool everywhere(const rpc::Call& call, std::string_view permission) const;
    /// Asks anew who calls and whether they may have this job; `call`'s request lives as long as what is returned.
    StillAllowed still_allowed(const rpc::Call& call, std::string_view permission, std::string_view id) const;
    /// The job, if the caller may see it; else as for one that is not there.
    Result<migration::JobRow> find(const rpc::Call& call, std::string_view permission, std::string_view id) const;

    Result<void> create(const rpc::Call& call, const migration::v1::CreateJobRequest& request, migration::v1::Job& out);
    Result<void> list(const rpc::Call& call, const migration::v1::ListJobsRequest& request, migration::v1::ListJobsResponse& out) const;
    /// Acts on the job, which is shown as it is then.
    Result<void> change(const rpc::Call& call, std::string_view id, migration::v1::Job& out,
                        const std::function<Result<void>(const migration::JobRow&)>& act);
    Result<void> send(const rpc::Call& call, migration::RecordStream& stream, std::string_view id, std::uint64_t first,
                      migration::v1::Job& out);
    Result<void> check_sent(const rpc::Call& call, const migration::JobRow& job, migration::RecordStream& stream,
                            std::uint64_t first) const;
    void register_jobs(rpc::Registry& registry);
    void register_records(rpc::Registry& registry);
    void register_report(rpc::Registry& registry);

    static migration::RunParts serving(migration::RunParts parts, migration::ServedLoads& loads);

    migration::ServedLoads loads_;
    const migration::RunParts parts_;
    rpc::Permissions& permissions_;
    const MigrationSetup setup_;
    migration::Jobs jobs_;
    JobWatch watch_;
    std::atomic<bool> ending_ = false;
};

}  // namespace godwit::api
