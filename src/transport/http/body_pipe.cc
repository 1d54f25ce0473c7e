#include "transport/http/body_pipe.h"

#include <utility>

#include "base/lane.h"

namespace godwit::http {

void BodyPipe::push(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    if (abandoned_) {
        lock.unlock();
        return on_taken_(bytes.size());
    }
    bytes_.append(bytes);
    tell(std::move(lock));
}

void BodyPipe::finish() {
    std::unique_lock lock(mutex_);
    finished_ = true;
    tell(std::move(lock));
}

void BodyPipe::fail(Error error) {
    std::unique_lock lock(mutex_);
    if (finished_ || error_) return;
    error_ = std::move(error);
    bytes_ = {};
    tell(std::move(lock));
}

/// Something changed: wakes whoever waits for it.
void BodyPipe::tell(std::unique_lock<std::mutex> lock) {
    const auto wake = std::exchange(wake_, nullptr);
    lock.unlock();
    changed_.notify_one();
    if (wake) wake();
}

bool BodyPipe::full() const {
    const std::scoped_lock lock(mutex_);
    return bytes_.size() >= kCapacity;
}

Result<std::string> BodyPipe::read() {
    std::unique_lock lock(mutex_);
    {
        const Lanes::Waiting for_the_client;
        changed_.wait(lock, [this] { return !bytes_.empty() || finished_ || error_; });
    }
    return take(std::move(lock));
}

std::optional<Result<std::string>> BodyPipe::poll(std::function<void()> wake) {
    std::unique_lock lock(mutex_);
    if (!bytes_.empty() || finished_ || error_) return take(std::move(lock));
    wake_ = std::move(wake);
    return std::nullopt;
}

Result<std::string> BodyPipe::take(std::unique_lock<std::mutex> lock) {
    if (error_) return godwit::fail(*error_);
    std::string taken = std::exchange(bytes_, {});
    lock.unlock();
    if (!taken.empty()) on_taken_(taken.size());
    return taken;
}

void BodyPipe::abandon() {
    std::size_t left = 0;
    {
        const std::scoped_lock lock(mutex_);
        abandoned_ = true;
        left = std::exchange(bytes_, {}).size();
    }
    if (left > 0) on_taken_(left);
}

std::unique_ptr<BodyStream> BodyPipe::reader(std::shared_ptr<BodyPipe> pipe) {
    class Reader final : public BodyStream {
    public:
        explicit Reader(std::shared_ptr<BodyPipe> of) : pipe_(std::move(of)) {}
        ~Reader() override { pipe_->abandon(); }
        Result<std::string> read() override { return pipe_->read(); }
        std::optional<Result<std::string>> poll(std::function<void()> wake) override { return pipe_->poll(std::move(wake)); }

    private:
        std::shared_ptr<BodyPipe> pipe_;
    };
    return std::make_unique<Reader>(std::move(pipe));
}

}  // namespace godwit::http
