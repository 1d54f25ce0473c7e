// What may wait until a person is in.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace godwit::signin {

/// Does work behind sign-ins, one after the other: what is lost in a crash is done by the next sign-in. Any thread. The destructor does
/// what waits.
class Afterwards {
public:
    using Work = std::function<Result<void>()>;

    Afterwards();
    ~Afterwards();
    Afterwards(const Afterwards&) = delete;
    Afterwards& operator=(const Afterwards&) = delete;

    /// Dropped when too much waits. An error is only logged.
    void add(Work work);
    /// Waits until nothing waits or runs.
    void flush();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Work> waiting_;
    bool stopping_ = false, busy_ = false;
    std::thread thread_;
};

}  // namespace godwit::signin
