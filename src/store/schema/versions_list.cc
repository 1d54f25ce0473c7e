#include <array>
#include <cstdlib>
#include <vector>

#include "store/schema/versions.h"

namespace godwit::store::schema {
namespace {

/// What a version demands, one line a file. A version that only adds (a table, a column with a default, an index) keeps the demands of
/// the one before it.
struct Demand {
    Database database;
    int number;
    int min_reader;
    int min_writer;
};
constexpr Demand kDemands[] = {
    {Database::directory, 1, 1, 1}, {Database::directory, 2, 1, 1}, {Database::directory, 3, 1, 1},
    {Database::runtime, 1, 1, 1},   {Database::runtime, 2, 1, 1},
};

std::vector<Version> join(Database database) {
    std::vector<Version> out;
    for (const SqlFile& file : sql_files(database)) {
        const Demand* found = nullptr;
        for (const Demand& demand : kDemands) {
            if (demand.database == database && demand.number == file.number) found = &demand;
        }
        if (found == nullptr || file.number != static_cast<int>(out.size()) + 1) std::abort();  // a file without its line above, or a gap
        out.push_back({file.number, file.sql, found->min_reader, found->min_writer});
    }
    return out;
}

}  // namespace

std::span<const Version> versions(Database database) {
    static const std::array<std::vector<Version>, 2> all{join(Database::directory), join(Database::runtime)};
    return all[database == Database::directory ? 0 : 1];
}

}  // namespace godwit::store::schema
