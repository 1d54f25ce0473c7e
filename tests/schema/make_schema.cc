// usage: make_schema MODE sqlite FOLDER | make_schema MODE postgres CONNINFO PREFIX
//
// Makes databases, or upgrades those that are there, for programs that know an older schema. MODE is
//   now     the newest version, as this tree has it
//   ahead   one version more, which adds and lets everybody go on: what a release to come may do while this one still runs beside it
//   closed  one version more, which only a program that knows it may write
//   hidden  one version more, which only a program that knows it may read
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"

using namespace godwit;
using store::Database;
using store::schema::Version;

namespace {

// Tables, columns, indexes: in tables that the tests of the store, of users and of sessions write.
constexpr std::string_view kDirectoryOfTomorrow =
    "CREATE TABLE of_tomorrow (instance_no INTEGER NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (instance_no, id));"
    "ALTER TABLE users ADD COLUMN tomorrow TEXT; ALTER TABLE metadata ADD COLUMN tomorrow BIGINT NOT NULL DEFAULT 7;"
    "ALTER TABLE events ADD COLUMN tomorrow TEXT; CREATE INDEX metadata_tomorrow ON metadata (instance_no, tomorrow);";
constexpr std::string_view kRuntimeOfTomorrow =
    "ALTER TABLE sessions ADD COLUMN tomorrow TEXT; CREATE INDEX sessions_tomorrow ON sessions (instance_no, tomorrow);";

std::vector<Version> versions_of(std::string_view mode, Database database) {
    const auto known = store::schema::versions(database);
    std::vector<Version> versions(known.begin(), known.end());
    Version next{known.back().number + 1, database == Database::directory ? kDirectoryOfTomorrow : kRuntimeOfTomorrow,
                 known.back().min_reader, known.back().min_writer};
    if (mode == "closed" || mode == "hidden") next.min_writer = next.number;
    if (mode == "hidden") next.min_reader = next.number;
    if (mode != "now") versions.push_back(next);
    return versions;
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string_view> arguments(words + 1, words + count);
    const std::string_view mode = arguments.empty() ? "" : arguments[0];
    const bool known_mode = mode == "now" || mode == "ahead" || mode == "closed" || mode == "hidden";
    const bool sqlite = arguments.size() == 3 && arguments[1] == "sqlite";
    const bool postgres = arguments.size() == 4 && arguments[1] == "postgres";
    if (!known_mode || (!sqlite && !postgres)) {
        std::fprintf(stderr, "usage: make_schema now|ahead|closed|hidden sqlite FOLDER | postgres CONNINFO PREFIX\n");
        return 2;
    }
    const SystemClock clock;
    const auto directory = versions_of(mode, Database::directory);
    const auto runtime = versions_of(mode, Database::runtime);
    const auto made = sqlite ? store::sqlite::open({.directory = std::string(arguments[2])}, clock,
                                                   {.directory_versions = directory, .runtime_versions = runtime})
                             : store::postgres::open({.connection = std::string(arguments[2]), .schema_prefix = std::string(arguments[3])},
                                                     clock, {.directory_versions = directory, .runtime_versions = runtime});
    if (!made) std::fprintf(stderr, "make_schema: %s\n", made.error().message.c_str());
    return made ? 0 : 1;
}
