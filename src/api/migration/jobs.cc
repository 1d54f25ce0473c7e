#include <algorithm>
#include <string>

#include "api/encode/encode.h"
#include "api/migration/migrations.h"
#include "migration/engine/organization.h"
#include "transport/rpc/gate.h"

namespace godwit::api {
namespace {

namespace pb = migration::v1;

constexpr std::string_view kRead = "migration.read", kWrite = "migration.write";
constexpr std::string_view kService = "Migration";
constexpr std::uint32_t kJobs = 100, kMostJobs = 1'000;

std::string method(std::string_view name) { return "godwit.migration.v1.MigrationService/" + std::string(name); }

}  // namespace

Migrations::Migrations(const migration::RunParts& parts, rpc::Permissions& permissions, const MigrationSetup& setup)
    : parts_(serving(parts, loads_)), permissions_(permissions), setup_(setup), jobs_(parts.store), watch_(jobs_) {}

migration::RunParts Migrations::serving(migration::RunParts parts, migration::ServedLoads& loads) {
    parts.served_loads = &loads;
    return parts;
}

void Migrations::begin_shutdown() {
    ending_ = true;
    watch_.begin_shutdown();
}

void Migrations::register_on(rpc::Registry& registry) {
    register_jobs(registry);
    register_records(registry);
    register_report(registry);
}

bool Migrations::everywhere(const rpc::Call& call, std::string_view permission) const {
    return permissions_.check(call.instance, call.caller, permission, OrgId{}, "").has_value();
}

Result<migration::JobRow> Migrations::find(const rpc::Call& call, std::string_view permission, std::string_view id) const {
    return jobs_.get(call.instance, everywhere(call, permission) ? OrgId{} : call.org_id, id);
}

StillAllowed Migrations::still_allowed(const rpc::Call& call, std::string_view permission, std::string_view id) const {
    return StillAllowed([this, call, permission = std::string(permission), id = std::string(id)]() -> Result<void> {
        if (!setup_.authenticator) return {};
        rpc::Call now = call;
        now.caller = TRY(setup_.authenticator->authenticate(call.instance, TRY(rpc::shown_token(*call.request)), nullptr));
        TRY(permissions_.check(now.instance, now.caller, permission, now.org_id, ""));
        const auto seen = find(now, permission, id);
        if (!seen && seen.error().code == Code::not_found) return fail(Code::permission_denied, "MIGRATE-Job03", seen.error().message);
        return {};
    });
}

Result<void> Migrations::create(const rpc::Call& call, const pb::CreateJobRequest& request, pb::Job& out) {
    const bool wide = everywhere(call, kWrite);
    const std::string kind = request.kind().empty() ? "godwit" : request.kind();
    TRY(migration::find_source_kind(kind));
    // The keys of one organization say nothing to another.
    const std::string scope = wide ? "instance" : std::to_string(call.org_id.key);
    auto made = TRY(
        migration::make_job(parts_.store, parts_.orgs, jobs_, call.instance,
                            {.source = request.source(),
                             .kind = kind,
                             .org = call.org_id,
                             .instance_wide = wide,
                             .pattern = request.pattern() == pb::PATTERN_UNSPECIFIED ? pb::PATTERN_BATCH : request.pattern(),
                             .options = request.options(),
                             .idempotency_key = request.idempotency_key().empty() ? "" : "api/" + scope + "/" + request.idempotency_key()},
                            request.organization(), editor_of(call, kService)));
    out = std::move(made.job);
    return {};
}

Result<void> Migrations::list(const rpc::Call& call, const pb::ListJobsRequest& request, pb::ListJobsResponse& out) const {
    const store::Page page{.offset = request.offset(), .limit = request.limit() == 0 ? kJobs : std::min(request.limit(), kMostJobs)};
    auto [jobs, total] = TRY(jobs_.list(call.instance, everywhere(call, kRead) ? OrgId{} : call.org_id, page));
    for (pb::Job& job : jobs) *out.add_jobs() = std::move(job);
    out.set_total(total);
    return {};
}

Result<void> Migrations::change(const rpc::Call& call, std::string_view id, pb::Job& out,
                                const std::function<Result<void>(const migration::JobRow&)>& act) {
    TRY(act(TRY(find(call, kWrite, id))));
    out = TRY(find(call, kWrite, id)).job;
    return {};
}

void Migrations::register_jobs(rpc::Registry& registry) {
    registry.on(method("CreateJob"), {.lane = Lane::write},
                [this](const rpc::Call& call, const pb::CreateJobRequest& request, pb::CreateJobResponse& response) {
                    return create(call, request, *response.mutable_job());
                });
    registry.on(method("GetJob"), {.lane = Lane::read},
                [this](const rpc::Call& call, const pb::GetJobRequest& request, pb::GetJobResponse& response) -> Result<void> {
                    auto row = TRY(find(call, kRead, request.job_id()));
                    if (request.user_states()) TRY(jobs_.count_user_states(call.instance, row));
                    *response.mutable_job() = std::move(row.job);
                    return {};
                });
    registry.on(method("ListJobs"), {.lane = Lane::read},
                [this](const rpc::Call& call, const pb::ListJobsRequest& request, pb::ListJobsResponse& response) {
                    return list(call, request, response);
                });
    registry.on(method("PauseJob"), {.lane = Lane::write},
                [this](const rpc::Call& call, const pb::PauseJobRequest& request, pb::PauseJobResponse& response) {
                    return change(call, request.job_id(), *response.mutable_job(), [&](const migration::JobRow& row) {
                        return jobs_.pause(row, call.instance, "paused by the user " + call.caller.user_id);
                    });
                });
    registry.on(method("ResumeJob"), {.lane = Lane::write},
                [this](const rpc::Call& call, const pb::ResumeJobRequest& request, pb::ResumeJobResponse& response) {
                    return change(call, request.job_id(), *response.mutable_job(),
                                  [&](const migration::JobRow& row) { return jobs_.resume(row, call.instance); });
                });
    registry.on(method("CancelJob"), {.lane = Lane::write},
                [this](const rpc::Call& call, const pb::CancelJobRequest& request, pb::CancelJobResponse& response) {
                    return change(call, request.job_id(), *response.mutable_job(),
                                  [&](const migration::JobRow& row) { return jobs_.cancel(row, call.instance); });
                });
    registry.on_answers<pb::WatchJobRequest, pb::WatchJobResponse>(
        method("WatchJob"), {.lane = Lane::read},
        [this](const rpc::Call& call, const pb::WatchJobRequest& request) -> Result<std::unique_ptr<rpc::Answers<pb::WatchJobResponse>>> {
            return watch_.watch(call.instance, TRY(find(call, kRead, request.job_id())), still_allowed(call, kRead, request.job_id()));
        });
}

}  // namespace godwit::api
