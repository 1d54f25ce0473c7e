#include "transport/http/body_pipe.h"

#include <utility>

namespace godwit::http {

void BodyPipe::push(std::string_view bytes) {
    bool discarded = false;
    {
        const std::scoped_lock lock(mutex_);
        discarded = abandoned_;
        if (!discarded) bytes_.append(bytes);
    }
    if (discarded) {
        on_taken_(bytes.size());
    } else {
        changed_.notify_one();
    }
}

void BodyPipe::finish() {
    {
        const std::scoped_lock lock(mutex_);
        finished_ = true;
    }
    changed_.notify_one();
}

void BodyPipe::fail(Error error) {
    {
        const std::scoped_lock lock(mutex_);
        if (finished_ || error_) return;
        error_ = std::move(error);
        bytes_ = {};
    }
    changed_.notify_one();
}

bool BodyPipe::full() const {
    const std::scoped_lock lock(mutex_);
    return bytes_.size() >= kCapacity;
}

Result<std::string> BodyPipe::read() {
    std::string taken;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !bytes_.empty() || finished_ || error_; });
        if (error_) return godwit::fail(*error_);
        taken = std::exchange(bytes_, {});
    }
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

    private:
        std::shared_ptr<BodyPipe> pipe_;
    };
    return std::make_unique<Reader>(std::move(pipe));
}

}  // namespace godwit::http
