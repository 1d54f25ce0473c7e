// What has to be done now and then: rows that nobody needs any more go, signing keys follow each other.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/ids.h"
#include "directory/key/rotation.h"

namespace godwit::app {

struct Services;

/// A thread of its own while it lives. Every node may run it: it takes small steps, each of which may be taken twice.
class Housekeeping {
public:
    Housekeeping(Services& services, const key::RotationPlan& key_rotation);
    ~Housekeeping();

private:
    void run(const std::stop_token& stop);
    void keep(const std::stop_token& stop);
    void rotate_keys(InstanceScope scope);

    Services& services_;
    const key::RotationPlan key_rotation_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace godwit::app
