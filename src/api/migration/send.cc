#include <google/protobuf/arena.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "api/encode/encode.h"
#include "api/migration/migrations.h"
#include "base/work_limit.h"
#include "migration/codes.h"
#include "migration/input/lines.h"
#include "migration/lost.h"

namespace godwit::api {
namespace {

namespace pb = migration::v1;
using migration::RecordStream;
using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kMethod = "godwit.migration.v1.MigrationService/SendRecords";
constexpr std::string_view kWrite = "migration.write";
constexpr std::string_view kService = "Migration";
/// No end but the records'.
constexpr std::uint64_t kEndless = std::uint64_t{1} << 62;
constexpr std::chrono::milliseconds kMoment{100};
constexpr std::chrono::seconds kLook{1}, kRenew{5};
/// More codes of one record than this say no more.
constexpr int kMostCodes = 1'000;

/// Records as messages, their origin too: readers of other systems' files send them. They are taken where they were parsed.
class MessageRecords final : public RecordStream {
public:
    explicit MessageRecords(rpc::Requests<pb::SendRecordsRequest>& requests) : requests_(requests) {}

    /// The first message, which says for what the others are.
    Result<void> begin(const std::function<bool()>& cancelled) {
        for (;;) {
            const auto step = TRY(next_message());
            if (cancelled()) return fail(Code::cancelled, "", "the client has gone");
            if (step == rpc::AnyRequests::Step::end || (step == rpc::AnyRequests::Step::message && message_->job_id().empty()))
                return fail(Code::invalid_argument, "MIGRATE-Send04", "the first message says job_id");
            if (step == rpc::AnyRequests::Step::message) return {};
        }
    }
    const pb::SendRecordsRequest& message() const { return *message_; }

    Result<Step> next(migration::RawRecord& out) override {
        while (at_ == message_->records_size()) {
            const auto step = TRY(next_message());
            if (step != rpc::AnyRequests::Step::message) return step == rpc::AnyRequests::Step::wait ? Step::wait : Step::end;
        }
        out = {};
        out.sent = message_->mutable_records(at_++);
        out.sent_bytes = out.sent->ByteSizeLong();
        out.number = out.sent->origin().record();
        if (out.sent_bytes > migration::kMaxRecordBytes) out.error = migration::record_too_long("the record is");
        return Step::record;
    }

    Result<pb::UserRecord> map(const migration::RawRecord& raw) const override {
        TRY(check(raw));
        return *raw.sent;
    }
    Result<pb::UserRecord*> take(migration::RawRecord& raw) const override {
        TRY(check(raw));
        return raw.sent;
    }
    std::string id_of(const migration::RawRecord& raw) const override { return raw.sent->source_id(); }
    bool more() const override { return more_; }

private:
    static bool known(const std::string& code) { return migration::find_code(code) != nullptr; }

    static Result<void> check(const migration::RawRecord& raw) {
        if (raw.error) return std::unexpected(*raw.error);
        const pb::Origin& origin = raw.sent->origin();
        if (!origin.refused().empty())
            return fail(Code::invalid_argument, known(origin.refused()) ? origin.refused() : "record.bad_form", origin.message());
        if (origin.lost_size() <= migration::kMostLost + 1 && origin.codes_size() <= kMostCodes) return {};
        return fail(Code::invalid_argument, "record.bad_form", "origin holds too many codes or paths");
    }

    /// Each in an arena of its own: a message is made of thousands of small pieces, which are given back at once.
    Result<rpc::AnyRequests::Step> next_message() {
        arena_.Reset();
        message_ = google::protobuf::Arena::CreateMessage<pb::SendRecordsRequest>(&arena_);
        at_ = 0;
        const auto step = TRY(requests_.next(*message_, kMoment));
        if (step == rpc::AnyRequests::Step::message) more_ = message_->more();
        return step;
    }

    static google::protobuf::ArenaOptions large_blocks() {
        google::protobuf::ArenaOptions options;
        options.start_block_size = options.max_block_size = 64u << 10;
        return options;
    }

    rpc::Requests<pb::SendRecordsRequest>& requests_;
    google::protobuf::Arena arena_{large_blocks()};
    pb::SendRecordsRequest* message_ = nullptr;
    int at_ = 0;
    bool more_ = false;
};

}  // namespace

/// One run of the engine over what one call sends.
class Migrations::Sending {
public:
    Sending(Migrations& of, const rpc::Call& call, migration::Claimed claimed) : of_(of), call_(call), claimed_(std::move(claimed)) {}

    /// The job as it is then; an error when not all that was sent is accounted for.
    Result<void> run(RecordStream& stream, std::uint64_t first, pb::Job& out) {
        const migration::JobRow job = claimed_.row;  // as it was: the engine counts on in its own
        migration::SentRecords records(stream, of_.parts_.store, call_.instance, job, first);
        // What came before a client left is taken in all the same.
        const std::function<bool()> wanted_by_nobody = [] { return false; };
        const WorkLimit unlimited({}, wanted_by_nobody);
        {
            const std::jthread keeper([this](const std::stop_token& ended) { keep(ended); });
            TRY(migration::run(of_.parts_, of_.jobs_, claimed_,
                               {.source = records, .last = [&] { return !records.problem() && !stream.more(); }},
                               editor_of(call_, kService),
                               {.stop = [this] { return lost_ || of_.ending_; },
                                .on_batch = [this](const migration::Checkpoint&, std::uint64_t) { written_ = now(); },
                                .ending = [this] { return of_.ending_.load(); }}));
        }
        if (records.problem()) return fail(*records.problem());
        out = TRY(of_.jobs_.get(call_.instance, OrgId{}, job.job.id())).job;
        const std::uint64_t limit = out.options().limit();
        const bool all = records.ended() && records.last_number() <= out.last_record();
        if (all || (limit > 0 && out.last_record() >= limit)) return {};
        return fail(why_not_all(out));
    }

private:
    static SteadyClock::rep now() { return SteadyClock::now().time_since_epoch().count(); }

    /// Looks now and then whether the job is still this call's: somebody may have paused it while nothing was sent.
    void keep(const std::stop_token& ended) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        StillAllowed still_allowed = of_.still_allowed(call_, kWrite, claimed_.row.job.id());
        while (!changed.wait_for(lock, ended, kLook, [&] { return ended.stop_requested(); })) {
            if (const auto allowed = still_allowed.ask(); !allowed) refuse(allowed.error());
            const auto stands = of_.jobs_.get(call_.instance, OrgId{}, claimed_.row.job.id());
            lost_ = lost_ || (stands && stands->job.state() != pb::JOB_STATE_RUNNING);
            if (now() - written_ < std::chrono::duration_cast<SteadyClock::duration>(kRenew).count()) continue;
            const auto renewed = of_.jobs_.renew(claimed_);
            lost_ = lost_ || (!renewed && renewed.error().id == "STORE-fence");
            written_ = now();
        }
    }

    void refuse(const Error& error) {
        const std::lock_guard lock(refused_mutex_);
        refused_ = error;
        lost_ = true;
    }

    Error why_not_all(const pb::Job& job) const {
        const std::string stands = "; it is accounted for up to record " + std::to_string(job.last_record());
        {
            const std::lock_guard lock(refused_mutex_);
            if (refused_) return {refused_->code, refused_->id, refused_->message + stands};
        }
        if (job.state() == pb::JOB_STATE_PAUSED)
            return {Code::failed_precondition, "MIGRATE-Job05", "the job was paused: " + job.error() + stands};
        if (job.state() == pb::JOB_STATE_CANCELLED) return {Code::failed_precondition, "MIGRATE-Job04", "the job was cancelled" + stands};
        if (of_.ending_) return {Code::unavailable, "MIGRATE-Stop", "the server is stopping: send the rest again" + stands};
        return {Code::aborted, "MIGRATE-Job06", "somebody else took the job meanwhile, or paused and resumed it" + stands};
    }

    Migrations& of_;
    const rpc::Call& call_;
    migration::Claimed claimed_;
    std::atomic<bool> lost_ = false;
    mutable std::mutex refused_mutex_;
    std::optional<Error> refused_;
    std::atomic<SteadyClock::rep> written_ = now();
};

/// Of a job that is done: whether it has all that is sent.
Result<void> Migrations::check_sent(const rpc::Call& call, const migration::JobRow& job, RecordStream& stream, std::uint64_t first) const {
    migration::SentRecords records(stream, parts_.store, call.instance, job, first);
    migration::RawRecord raw;
    while (TRY(records.next(raw))) {
        TRY(work_wanted());
        if (ending_) return fail(Code::unavailable, "MIGRATE-Stop", "the server is stopping");
        if (raw.number > job.job.last_record())
            return fail(
                Code::failed_precondition, "MIGRATE-Job04",
                "the job has ended with record " + std::to_string(job.job.last_record()) + ": what comes after it needs a job of its own");
    }
    if (records.problem()) return fail(*records.problem());
    return {};
}

Result<void> Migrations::send(const rpc::Call& call, RecordStream& stream, std::string_view id, std::uint64_t first, pb::Job& out) {
    const auto row = TRY(find(call, kWrite, id));
    if (row.job.state() == pb::JOB_STATE_DONE) {
        TRY(check_sent(call, row, stream, first));
        out = row.job;
        return {};
    }
    if (row.job.options().dry_run() && std::exchange(first, 1) > 1)
        return fail(Code::failed_precondition, "MIGRATE-Send05", "a rehearsal begins anew with each call: send all of its records at once");
    auto claimed = TRY(jobs_.claim(
        call.instance, row.id, {.node = setup_.node, .from = setup_.only_node ? store::Taker::From::others : store::Taker::From::silent}));
    return Sending(*this, call, std::move(claimed)).run(stream, first, out);
}

void Migrations::register_records(rpc::Registry& registry) {
    registry.on_requests<pb::SendRecordsRequest, pb::SendRecordsResponse>(
        kMethod, {.lane = Lane::bulk, .max_request_bytes = migration::kMaxRecordBytes + (1u << 20)},
        [this](const rpc::Call& call, rpc::Requests<pb::SendRecordsRequest>& requests, pb::SendRecordsResponse& response) -> Result<void> {
            MessageRecords stream(requests);
            TRY(stream.begin(call.request->cancelled));
            const std::string id = stream.message().job_id();
            return send(call, stream, id, stream.message().first_record(), *response.mutable_job());
        });
    registry.on_stream(kMethod, {.lane = Lane::bulk, .max_request_bytes = kEndless},
                       [this](const rpc::Call& call, const google::protobuf::Message& head, http::BodyStream& body,
                              google::protobuf::Message& response) -> Result<void> {
                           const auto& said = static_cast<const pb::SendRecordsRequest&>(head);
                           migration::LineRecords stream(body, said.more());
                           return send(call, stream, said.job_id(), said.first_record(),
                                       *static_cast<pb::SendRecordsResponse&>(response).mutable_job());
                       });
}

}  // namespace godwit::api
