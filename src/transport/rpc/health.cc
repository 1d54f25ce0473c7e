#include "transport/rpc/health.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <optional>

#include "grpc/health/v1/health.pb.h"

namespace godwit::rpc {
namespace {

namespace v1 = ::grpc::health::v1;
using Status = v1::HealthCheckResponse::ServingStatus;
constexpr std::chrono::seconds kInterval{1};

}  // namespace

/// What is known, and who wants to hear of it. Shared with the streams, which end after us.
class Health::Board {
public:
    using Wakes = std::list<std::function<void()>>;

    bool stopping() const {
        const std::scoped_lock lock(mutex_);
        return stopping_;
    }

    Status status() const {
        const std::scoped_lock lock(mutex_);
        return serving_ && !stopping_ ? v1::HealthCheckResponse::SERVING : v1::HealthCheckResponse::NOT_SERVING;
    }

    void set(bool serving) {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(serving_, serving) != serving) wake_all();
    }

    void stop() {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        wake_all();
    }

    Wakes::iterator add(std::function<void()> wake) {
        const std::scoped_lock lock(mutex_);
        changed_.notify_all();
        return watchers_.insert(watchers_.end(), std::move(wake));
    }

    void remove(Wakes::iterator watcher) {
        const std::scoped_lock lock(mutex_);
        watchers_.erase(watcher);
    }

    /// Waits until somebody watches; false when `stop` was requested.
    bool wait_for_watchers(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        return changed_.wait(lock, stop, [this] { return !watchers_.empty(); });
    }

    void pause(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kInterval, [] { return false; });
    }

private:
    void wake_all() {
        for (const auto& wake : watchers_) wake();
    }

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool serving_ = true;
    bool stopping_ = false;
    Wakes watchers_;
};

class Health::Watching final : public Answers<v1::HealthCheckResponse> {
public:
    Watching(std::shared_ptr<Board> board, bool known) : board_(std::move(board)), known_(known) {}
    ~Watching() override {
        if (place_) board_->remove(*place_);
    }

    void on_start(std::function<void()> wake) override { place_ = board_->add(std::move(wake)); }

    Result<Step> next(v1::HealthCheckResponse& response) override {
        const Status now = known_ ? board_->status() : v1::HealthCheckResponse::SERVICE_UNKNOWN;
        if (sent_ == now) return board_->stopping() ? fail(Code::unavailable, "", "the server is stopping") : Result<Step>(Step::wait);
        response.set_status(now);
        sent_ = now;
        return Step::message;
    }

private:
    const std::shared_ptr<Board> board_;
    const bool known_;
    std::optional<Board::Wakes::iterator> place_;
    std::optional<Status> sent_;
};

Health::Health(std::function<bool()> ready) : ready_(std::move(ready)), board_(std::make_shared<Board>()) {}
Health::~Health() = default;

void Health::register_on(Registry& registry) {
    const Options options{.lane = Lane::read, .rule = Rule::anyone(), .max_request_bytes = 4u << 10, .any_host = true};
    const auto known = [&registry](const std::string& service) {
        return service.empty() || std::ranges::count(registry.services(), service) > 0;
    };
    registry.on("grpc.health.v1.Health/Check", options,
                [this, known](const Call&, const v1::HealthCheckRequest& request, v1::HealthCheckResponse& response) -> Result<void> {
                    if (!known(request.service())) return fail(Code::not_found, "", "unknown service");
                    board_->set(ready_());
                    response.set_status(board_->status());
                    return {};
                });
    registry.on_answers<v1::HealthCheckRequest, v1::HealthCheckResponse>(
        "grpc.health.v1.Health/Watch", options,
        [this, known](const Call&, const v1::HealthCheckRequest& request) -> Result<std::unique_ptr<Answers<v1::HealthCheckResponse>>> {
            board_->set(ready_());
            std::call_once(observed_, [this] { observer_ = std::jthread([this](const std::stop_token& stop) { observe(stop); }); });
            return std::make_unique<Watching>(board_, known(request.service()));
        });
}

void Health::begin_shutdown() { board_->stop(); }

void Health::observe(const std::stop_token& stop) {
    while (board_->wait_for_watchers(stop)) {
        board_->set(ready_());
        board_->pause(stop);
    }
}

}  // namespace godwit::rpc
