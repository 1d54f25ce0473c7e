// What is on its way to the server by COPY. COPY knows no pipeline: who sends a table's rows waits until the server has taken them in.
// A thread of its own does that, while the caller makes the rows of the next table: client and server work at the same time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace godwit::store::postgres {

class CopyThread {
public:
    /// One COPY: the statement, and its rows in binary form.
    struct Stream {
        std::string sql;
        std::string data;
    };
    /// `send` runs on the thread, for one stream after the other. False: it failed, and those behind it are dropped until drained() was
    /// waited for.
    explicit CopyThread(std::function<bool(const Stream&)> send);
    /// Sends what is under way, and drops the others.
    ~CopyThread();
    CopyThread(const CopyThread&) = delete;
    CopyThread& operator=(const CopyThread&) = delete;

    /// Waits at most so long while some MiB are on their way already. True: add() will not wait.
    bool has_room(std::optional<std::chrono::milliseconds> patience);
    /// Once there is room. False, and nothing is sent, after one that failed.
    bool add(Stream stream);
    /// Waits for the end of all that was added, at most so long. Afterwards nothing happens on the thread until the next add().
    bool drained(std::optional<std::chrono::milliseconds> patience);

private:
    void loop();
    bool idle() const { return queue_.empty() && !sending_; }

    const std::function<bool(const Stream&)> send_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Stream> queue_;
    std::size_t bytes_ = 0;  ///< of the queue and of the one being sent
    bool sending_ = false;
    bool failed_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace godwit::store::postgres
