// Jobs that somebody watches: looked at by one thread, whoever runs them on whichever node, and told when they have changed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "api/migration/still_allowed.h"
#include "base/ids.h"
#include "base/result.h"
#include "godwit/migration/v1/migration.pb.h"
#include "transport/rpc/registry.h"

namespace godwit::migration {
class Jobs;
struct JobRow;
}  // namespace godwit::migration

namespace godwit::api {

class JobWatch {
public:
    explicit JobWatch(const migration::Jobs& jobs);
    ~JobWatch();  ///< all watchers are gone
    JobWatch(const JobWatch&) = delete;
    JobWatch& operator=(const JobWatch&) = delete;

    /// The job as it is, then whenever it has changed, until it is done or cancelled, or for an hour; or until it is no longer allowed.
    std::unique_ptr<rpc::Answers<migration::v1::WatchJobResponse>> watch(InstanceScope instance, const migration::JobRow& row,
                                                                         StillAllowed still_allowed);
    /// Watchers end: unavailable.
    void begin_shutdown();

private:
    struct Watched;
    class Watcher;
    using Key = std::pair<InstanceNo, std::int64_t>;

    void look();
    bool look_at(Watched& watched);

    const migration::Jobs& jobs_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, std::weak_ptr<Watched>> watched_;
    bool ending_ = false;
    std::jthread thread_;
};

}  // namespace godwit::api
