// What the program counts of itself, in Prometheus' format.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/lane.h"

namespace godwit::store {
enum class Database;
}

namespace godwit::app {

class Throttle;

/// Any thread.
class Metrics {
public:
    using Duration = std::chrono::duration<double>;

    Metrics();
    ~Metrics();

    void count_request(Lane lane, int status, Duration took);
    /// store::OnWrite.
    void count_write(store::Database database, bool bulk, Duration took);

    /// All counts, and how lanes, limits and memory are just now; `engine` is the store's.
    std::string text(const Lanes& lanes, const Throttle& throttle, std::string_view engine);

private:
    struct Impl;
    const std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::app
