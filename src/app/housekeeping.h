// What has to be done now and then: rows that nobody needs any more go.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace godwit::instance {
class Instances;
}
namespace godwit::store {
class Store;
}

namespace godwit::app {

/// A thread of its own while it lives. Every node may run it: it deletes in small steps what has ended.
class Housekeeping {
public:
    Housekeeping(store::Store& store, const instance::Instances& instances);
    ~Housekeeping();

private:
    void run(const std::stop_token& stop);
    void clean(const std::stop_token& stop);

    store::Store& store_;
    const instance::Instances& instances_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace godwit::app
