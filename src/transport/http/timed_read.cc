#include "transport/http/timed_read.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace godwit::http {

std::optional<Result<std::string>> read_within(BodyStream& body, std::chrono::milliseconds time) {
    struct Woken {
        std::mutex mutex;
        std::condition_variable changed;
        bool yes = false;
    };
    const auto woken = std::make_shared<Woken>();  // may be told later than anybody waits
    if (auto piece = body.poll([woken] {
            const std::lock_guard lock(woken->mutex);
            woken->yes = true;
            woken->changed.notify_all();
        }))
        return piece;
    {
        std::unique_lock lock(woken->mutex);
        if (!woken->changed.wait_for(lock, time, [&] { return woken->yes; })) return std::nullopt;
    }
    return body.poll([] {});
}

}  // namespace godwit::http
