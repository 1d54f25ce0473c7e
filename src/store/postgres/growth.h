// Tables that grow faster than the server's own upkeep notices. Its planner believes what the last ANALYZE saw: of a table that was empty
// then it takes an index that any row satisfies for as good as the one that finds it, and reads the whole table for each batch of an
// import until autovacuum comes by, a minute later.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.h"

namespace godwit::store::postgres {

/// How many rows this process has brought into each table. Thread-safe.
class Growth {
public:
    struct Table {
        Database database;
        std::string name;
        std::int64_t rows;  ///< brought by this process
    };

    /// Rows that are committed.
    void add(Database database, std::string_view table, std::int64_t rows);
    /// The tables that have come by 5,000, 50,000, 500,000 … rows since the last call: their statistics may be of another time.
    std::vector<Table> take_due();

private:
    std::mutex mutex_;
    std::map<std::pair<Database, std::string>, std::int64_t, std::less<>> rows_;
    std::vector<Table> due_;
};

}  // namespace godwit::store::postgres
