// A request body on its way from an I/O thread to the worker that reads it, with a bound on what lies between.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::http {

/// The id of what a BodyStream reports of the client's sending: answered with the statuses that BodyStream::read names.
inline constexpr std::string_view kBodyError = "HTTP-Body";

class BodyPipe {
public:
    /// Above this the sender is held back (HTTP/1: no more is read; HTTP/2: the stream's window stays closed).
    static constexpr std::size_t kCapacity = 256 << 10;

    /// `on_taken(bytes)` is called on the reading thread whenever that many bytes have left the pipe.
    explicit BodyPipe(std::function<void(std::size_t)> on_taken) : on_taken_(std::move(on_taken)) {}

    // The I/O thread's end.
    void push(std::string_view bytes);
    void finish();
    /// What read() answers from now on; bytes not yet read are lost. The first of finish and fail counts.
    void fail(Error error);
    bool full() const;

    // The worker's end.
    Result<std::string> read();
    std::optional<Result<std::string>> poll(std::function<void()> wake);
    /// Nobody will read: what comes is thrown away.
    void abandon();

    /// The worker's end as the handler gets it; abandons the pipe when it is destroyed.
    static std::unique_ptr<BodyStream> reader(std::shared_ptr<BodyPipe> pipe);

private:
    Result<std::string> take(std::unique_lock<std::mutex> lock);
    void tell(std::unique_lock<std::mutex> lock);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    bool finished_ = false;
    bool abandoned_ = false;
    std::optional<Error> error_;
    std::function<void()> wake_;  ///< of a reader that polls
    const std::function<void(std::size_t)> on_taken_;
};

}  // namespace godwit::http
