#include "store/postgres/growth.h"

#include <utility>

namespace godwit::store::postgres {

void Growth::add(Database database, std::string_view table, std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    std::int64_t& known = rows_[{database, std::string(table)}];
    const std::int64_t before = std::exchange(known, known + rows);
    std::int64_t step = 5'000;
    while (step <= before) step *= 10;
    if (known >= step) due_.push_back({database, std::string(table), known});
}

std::vector<Growth::Table> Growth::take_due() {
    const std::lock_guard lock(mutex_);
    return std::exchange(due_, {});
}

}  // namespace godwit::store::postgres
