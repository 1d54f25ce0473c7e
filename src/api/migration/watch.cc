#include "api/migration/watch.h"

#include <google/protobuf/util/message_differencer.h>

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "migration/engine/jobs.h"

namespace godwit::api {
namespace {

namespace pb = migration::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kInterval{200};
/// Whoever wants to know more asks again.
constexpr std::chrono::hours kLongest{1};

bool over(const pb::Job& job) { return job.state() == pb::JOB_STATE_DONE || job.state() == pb::JOB_STATE_CANCELLED; }

}  // namespace

/// A job and who waits for it.
struct JobWatch::Watched {
    Watched(InstanceScope in, pb::Job now) : instance(in), job(std::move(now)) {}

    const InstanceScope instance;
    std::mutex mutex;
    pb::Job job;
    std::uint64_t version = 1;  ///< rises with each change
    std::optional<Error> error;
    std::map<const void*, std::function<void()>> wakes;

    void tell(std::unique_lock<std::mutex> lock) {
        std::vector<std::function<void()>> all;
        for (const auto& [who, wake] : wakes) all.push_back(wake);
        lock.unlock();
        for (const auto& wake : all) wake();
    }
    void fail(Error with) {
        std::unique_lock lock(mutex);
        error = std::move(with);
        tell(std::move(lock));
    }
};

class JobWatch::Watcher final : public rpc::Answers<pb::WatchJobResponse> {
public:
    Watcher(std::shared_ptr<Watched> watched, StillAllowed still_allowed)
        : watched_(std::move(watched)), still_allowed_(std::move(still_allowed)) {}
    ~Watcher() override {
        const std::lock_guard lock(watched_->mutex);
        watched_->wakes.erase(this);
    }
    void on_start(std::function<void()> wake) override {
        const std::lock_guard lock(watched_->mutex);
        watched_->wakes[this] = std::move(wake);
    }
    Result<Step> next(pb::WatchJobResponse& response) override {
        TRY(still_allowed_.ask());
        const std::lock_guard lock(watched_->mutex);
        if (seen_ != watched_->version) {
            *response.mutable_job() = watched_->job;
            seen_ = watched_->version;
            return Step::message;
        }
        if (watched_->error) return godwit::fail(*watched_->error);
        return over(watched_->job) || SteadyClock::now() - begun_ > kLongest ? Step::end : Step::wait;
    }

private:
    const std::shared_ptr<Watched> watched_;
    StillAllowed still_allowed_;
    const SteadyClock::time_point begun_ = SteadyClock::now();
    std::uint64_t seen_ = 0;
};

JobWatch::JobWatch(const migration::Jobs& jobs) : jobs_(jobs), thread_([this] { look(); }) {}

JobWatch::~JobWatch() { begin_shutdown(); }

std::unique_ptr<rpc::Answers<pb::WatchJobResponse>> JobWatch::watch(InstanceScope instance, const migration::JobRow& row,
                                                                    StillAllowed still_allowed) {
    std::shared_ptr<Watched> found;
    {
        const std::lock_guard lock(mutex_);
        auto& entry = watched_[{instance.no(), row.id}];
        found = entry.lock();
        if (!found) entry = found = std::make_shared<Watched>(instance, row.job);
        if (ending_) found->fail({Code::unavailable, "MIGRATE-Stop", "the server is stopping"});
    }
    changed_.notify_all();
    return std::make_unique<Watcher>(std::move(found), std::move(still_allowed));
}

void JobWatch::begin_shutdown() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
}

void JobWatch::look() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        std::vector<std::shared_ptr<Watched>> all;
        for (auto at = watched_.begin(); at != watched_.end();) {
            auto watched = at->second.lock();
            at = watched ? std::next(at) : watched_.erase(at);
            if (watched) all.push_back(std::move(watched));
        }
        if (all.empty()) {
            changed_.wait(lock);
            continue;
        }
        lock.unlock();
        for (const auto& watched : all) {
            if (!look_at(*watched)) watched->fail({Code::unavailable, "MIGRATE-Watch", "the job cannot be read: ask again"});
        }
        all.clear();
        lock.lock();
        changed_.wait_for(lock, kInterval, [this] { return ending_; });
    }
    for (const auto& [key, entry] : watched_) {
        if (const auto watched = entry.lock()) watched->fail({Code::unavailable, "MIGRATE-Stop", "the server is stopping"});
    }
}

/// Also wakes those who wait in vain, so that they may say that they live.
bool JobWatch::look_at(Watched& watched) {
    auto now = jobs_.get(watched.instance, OrgId{}, watched.job.id());
    if (!now) return false;
    std::unique_lock lock(watched.mutex);
    if (!google::protobuf::util::MessageDifferencer::Equals(watched.job, now->job)) {
        watched.job = std::move(now->job);
        ++watched.version;
    }
    watched.tell(std::move(lock));
    return true;
}

}  // namespace godwit::api
