#include "cli/migrate_remote.h"

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "base/text.h"
#include "base/thread_priority.h"
#include "cli/job_files.h"
#include "cli/server_calls.h"
#include "migration/input/lines.h"

namespace godwit::cli {
namespace {

constexpr std::chrono::milliseconds kLook{300};
/// Of a message: so many records, or bytes.
constexpr int kRecords = 250;
constexpr std::size_t kBytes = 256u << 10;

std::string method(std::string_view name) { return "godwit.migration.v1.MigrationService/" + std::string(name); }

/// Which byte of the source is behind which record, as far as records are under way.
class Behind {
public:
    void sent(std::uint64_t record, std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        marks_.emplace_back(record, bytes);
    }
    std::uint64_t bytes(std::uint64_t record) {
        const std::lock_guard lock(mutex_);
        for (; !marks_.empty() && marks_.front().first <= record; marks_.pop_front()) bytes_ = marks_.front().second;
        return bytes_;
    }

private:
    std::mutex mutex_;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> marks_;
    std::uint64_t bytes_ = 0;
};

/// The records of a source as the messages of SendRecords.
class Sender {
public:
    Sender(const pb::Job& job, migration::Source& source, const std::function<bool()>& stop, Behind& behind)
        : job_(job), source_(source), stop_(stop), behind_(behind), passed_(passed_over(job)) {}

    std::optional<std::string> next() {
        if (ended_) return std::nullopt;
        pb::SendRecordsRequest message;
        if (!std::exchange(begun_, true)) message.set_job_id(job_.id());
        records_.clear();
        std::size_t bytes = 0;
        for (int count = 0; !ended_ && count < kRecords && bytes < kBytes;) {
            auto more = stop_() ? Result<bool>(false) : source_.next(raw_);
            if (!more) failure_ = more.error();
            const bool all = more && !*more && !stop_();
            ended_ = !more || !*more || past_limit();
            message.set_more(ended_ && !all && !past_limit());
            if (ended_ || raw_.number <= passed_) continue;
            add();
            ++count;
            bytes += raw_.bytes.size();
            last_ = raw_.number;
        }
        if (last_ != 0) behind_.sent(last_, source_.read_bytes());
        std::string out = message.SerializeAsString();
        out += records_;
        return out;
    }
    /// What kept the source from being read to its end.
    const std::optional<Error>& failure() const { return failure_; }

private:
    bool past_limit() const { return job_.options().limit() > 0 && raw_.number > job_.options().limit(); }

    void add() {
        auto record = source_.map(raw_);
        if (record) {
            record->mutable_origin()->set_record(raw_.number);
            const std::size_t bytes = record->ByteSizeLong();
            if (bytes <= migration::kMaxRecordBytes) return write(*record, bytes);
            record = fail(migration::record_too_long("the record is"));
        }
        pb::UserRecord refused;
        refused.mutable_origin()->set_refused(record.error().id.empty() ? "record.bad_form" : record.error().id);
        refused.mutable_origin()->set_message(record.error().message);
        refused.mutable_origin()->set_record(raw_.number);
        refused.set_source_id(source_.id_of(raw_));
        write(refused, refused.ByteSizeLong());
    }
    /// As one of the message's `records` (https://protobuf.dev/programming-guides/encoding/), at once: while hundreds wait as messages
    /// for the last, each piece of the next is memory that has to be looked for. `bytes`: what ByteSizeLong has just said.
    void write(const pb::UserRecord& record, std::size_t bytes) {
        constexpr std::uint32_t kLengthDelimited = 2, kTag = pb::SendRecordsRequest::kRecordsFieldNumber << 3 | kLengthDelimited;
        using Coded = google::protobuf::io::CodedOutputStream;
        std::array<std::uint8_t, 16> head;
        const auto* const end =
            Coded::WriteVarint32ToArray(static_cast<std::uint32_t>(bytes), Coded::WriteVarint32ToArray(kTag, head.data()));
        const std::size_t at = records_.size() + static_cast<std::size_t>(end - head.data());
        records_.append(reinterpret_cast<const char*>(head.data()), reinterpret_cast<const char*>(end));
        records_.resize(at + bytes);
        record.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(records_.data()) + at);
    }

    const pb::Job& job_;
    migration::Source& source_;
    const std::function<bool()>& stop_;
    Behind& behind_;
    const std::uint64_t passed_;
    migration::RawRecord raw_;
    std::string records_;  ///< of the message under way, as they are sent
    std::uint64_t last_ = 0;
    bool begun_ = false, ended_ = false;
    std::optional<Error> failure_;
};

bool ended(const pb::Job& job) {
    return job.state() == pb::JOB_STATE_PAUSED || job.state() == pb::JOB_STATE_CANCELLED || job.state() == pb::JOB_STATE_DONE;
}

class Remote final : public MigrateTarget {
public:
    Remote(std::unique_ptr<ServerCalls> calls, std::unique_ptr<ServerCalls> looks) : calls_(std::move(calls)), looks_(std::move(looks)) {}

    Result<pb::Job> create(const WantedJob& wanted, const std::string& key) override {
        pb::CreateJobRequest request;
        request.set_source(wanted.source);
        request.set_kind(wanted.kind);
        request.set_organization(wanted.organization);
        request.set_pattern(wanted.pattern);
        *request.mutable_options() = wanted.options;
        request.set_idempotency_key(key);
        return job_of<pb::CreateJobResponse>("CreateJob", request);
    }

    Result<pb::Job> run(const pb::Job& job, migration::Source& source, const RunWatch& watch) override {
        // The server may be on this machine, and people sign in there.
        lower_priority(kLowPriority);
        Behind behind;
        std::atomic<bool> over = false;  // the job ended while its records are sent
        const std::function<bool()> stop = [&] { return over || watch.stop(); };
        Sender sender(job, source, stop, behind);
        pb::SendRecordsResponse response;
        const auto sent = [&] {
            const std::jthread look([&](const std::stop_token& done) { show_progress(done, job.id(), watch, behind, over); });
            return calls_->send(method("SendRecords"), [&] { return sender.next(); }, response);
        }();
        if (sent) watch.progress(response.job().counters(), response.job().milliseconds(), source.read_bytes());
        if (sender.failure()) return fail(*sender.failure());
        if (sent) return std::move(*response.mutable_job());
        // Why is what the job says, if it says something.
        auto stands = about<pb::GetJobRequest, pb::GetJobResponse>("GetJob", job.id());
        if (stands && ended(*stands)) return stands;
        return fail(sent.error());
    }

    Result<pb::Job> get(const std::string& id) override {
        pb::GetJobRequest request;
        request.set_job_id(id);
        request.set_user_states(true);
        return job_of<pb::GetJobResponse>("GetJob", request);
    }
    Result<std::vector<pb::Job>> list() override {
        std::vector<pb::Job> out;
        pb::ListJobsRequest request;
        request.set_limit(1000);
        for (;;) {
            pb::ListJobsResponse page;
            request.set_offset(out.size());
            TRY(calls_->call(method("ListJobs"), request, page));
            for (pb::Job& job : *page.mutable_jobs()) out.push_back(std::move(job));
            if (page.jobs().empty() || out.size() >= page.total()) return out;
        }
    }
    Result<pb::Job> pause(const std::string& id) override { return about<pb::PauseJobRequest, pb::PauseJobResponse>("PauseJob", id); }
    Result<pb::Job> resume(const std::string& id) override { return about<pb::ResumeJobRequest, pb::ResumeJobResponse>("ResumeJob", id); }
    Result<pb::Job> cancel(const std::string& id) override { return about<pb::CancelJobRequest, pb::CancelJobResponse>("CancelJob", id); }
    Result<migration::ReportPage> report(const std::string& id, std::uint64_t after, bool failed_only) override {
        pb::GetReportRequest request;
        request.set_job_id(id);
        request.set_after(after);
        request.set_limit(migration::kMaxReportPage);
        request.set_failed_only(failed_only);
        pb::GetReportResponse response;
        TRY(calls_->call(method("GetReport"), request, response));
        migration::ReportPage page;
        page.next = response.next();
        for (pb::RecordReport& record : *response.mutable_records()) page.records.push_back(std::move(record));
        return page;
    }

private:
    template <class Response>
    Result<pb::Job> job_of(std::string_view name, const google::protobuf::Message& request) {
        Response response;
        TRY(calls_->call(method(name), request, response));
        return std::move(*response.mutable_job());
    }
    template <class Request, class Response>
    Result<pb::Job> about(std::string_view name, const std::string& id) {
        Request request;
        request.set_job_id(id);
        return job_of<Response>(name, request);
    }

    /// On a thread and a connection of its own.
    void show_progress(const std::stop_token& done, const std::string& id, const RunWatch& watch, Behind& behind, std::atomic<bool>& over) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        pb::GetJobRequest request;
        request.set_job_id(id);
        while (!changed.wait_for(lock, done, kLook, [&] { return done.stop_requested(); })) {
            pb::GetJobResponse response;
            if (!looks_->call(method("GetJob"), request, response)) continue;  // whoever sends hears why
            const pb::Job& job = response.job();
            over = over || ended(job);
            watch.progress(job.counters(), job.milliseconds(), behind.bytes(job.last_record()));
        }
    }

    const std::unique_ptr<ServerCalls> calls_, looks_;
};

Result<Secret> read_token(const std::string& path) {
    const std::string text = TRY(read_text_file(path));
    const std::string_view token = trim(text);
    if (token.empty() || token.find_first_of(" \r\n\t") != std::string_view::npos)
        return fail(Code::invalid_argument, "CLI-Mig06", path + " holds no token: one line with a personal access token is due");
    return Secret(std::string(token));
}

}  // namespace

Result<std::unique_ptr<MigrateTarget>> remote_target(const ServerPlace& place) {
    if (place.token_file.empty()) return fail(Code::invalid_argument, "CLI-Mig07", "--server needs --token-file: who is asking?");
    const http::ClientOptions options{.base_url = place.url, .token = TRY(read_token(place.token_file)), .ca_file = place.ca_file};
    return std::make_unique<Remote>(TRY(ServerCalls::make(options)), TRY(ServerCalls::make(options)));
}

}  // namespace godwit::cli
