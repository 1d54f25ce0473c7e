#include "migration/engine/report.h"

#include <deque>
#include <string>

#include "api/migration/migrations.h"

namespace godwit::api {
namespace {

namespace pb = migration::v1;

constexpr std::string_view kRead = "migration.read";
constexpr std::uint32_t kPage = 500;

/// A page after the other.
class Records final : public rpc::Answers<pb::RecordReport> {
public:
    Records(const migration::RunParts& parts, InstanceScope instance, migration::JobRow job, const pb::ListRecordsRequest& request,
            StillAllowed still_allowed)
        : parts_(parts),
          instance_(instance),
          job_(std::move(job)),
          after_(request.after()),
          failed_only_(request.failed_only()),
          still_allowed_(std::move(still_allowed)) {}

    Result<Step> next(pb::RecordReport& response) override {
        TRY(still_allowed_.ask());
        if (at_ == page_.size()) {
            if (ended_) return Step::end;
            auto page = TRY(migration::read_report(parts_.store, parts_.sealers, instance_, job_, after_, kPage, failed_only_));
            page_ = std::move(page.records);
            at_ = 0;
            after_ = page.next;
            ended_ = page.next == 0;
            if (page_.empty()) return Step::end;
        }
        response = std::move(page_[at_++]);
        return Step::message;
    }

private:
    const migration::RunParts& parts_;
    const InstanceScope instance_;
    const migration::JobRow job_;
    std::uint64_t after_;
    const bool failed_only_;
    StillAllowed still_allowed_;
    std::vector<pb::RecordReport> page_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

}  // namespace

void Migrations::register_report(rpc::Registry& registry) {
    registry.on_answers<pb::ListRecordsRequest, pb::RecordReport>(
        "godwit.migration.v1.MigrationService/ListRecords", {.lane = Lane::read, .rest_stream = rpc::RestStream::lines},
        [this](const rpc::Call& call, const pb::ListRecordsRequest& request) -> Result<std::unique_ptr<rpc::Answers<pb::RecordReport>>> {
            return std::make_unique<Records>(parts_, call.instance, TRY(find(call, kRead, request.job_id())), request,
                                             still_allowed(call, kRead, request.job_id()));
        });
    registry.on("godwit.migration.v1.MigrationService/GetReport", {.lane = Lane::read},
                [this](const rpc::Call& call, const pb::GetReportRequest& request, pb::GetReportResponse& response) -> Result<void> {
                    auto page =
                        TRY(migration::read_report(parts_.store, parts_.sealers, call.instance, TRY(find(call, kRead, request.job_id())),
                                                   request.after(), request.limit(), request.failed_only()));
                    for (pb::RecordReport& record : page.records) *response.add_records() = std::move(record);
                    response.set_next(page.next);
                    return {};
                });
}

}  // namespace godwit::api
