#include "store/store_test_fixture.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/testing/private_postgres.h"

namespace godwit::store {
namespace {

/// One pair of schemas serves all tests of a process, one after the other: emptying tables costs a few milliseconds, making them many.
std::string process_prefix() { return "t" + std::to_string(::getpid()); }

/// Does nothing when the schemas do not exist yet.
void empty_tables(const std::string& prefix) {
    postgres_server::run(
        "DO $$ DECLARE found record; BEGIN FOR found IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('" + prefix +
        "_directory', '" + prefix +
        "_runtime') AND tablename <> 'schema_state' LOOP EXECUTE format('DELETE FROM %I.%I', found.schemaname, found.tablename); END LOOP; "
        "END $$");
}

std::string fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godwit-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    return pattern;
}

/// What a release to come may add while this one still runs beside it: tables, columns, indexes.
constexpr std::string_view kDirectoryOfTomorrow =
    "CREATE TABLE of_tomorrow (instance_no INTEGER NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (instance_no, id));"
    "ALTER TABLE users ADD COLUMN tomorrow TEXT; ALTER TABLE metadata ADD COLUMN tomorrow BIGINT NOT NULL DEFAULT 7;"
    "ALTER TABLE events ADD COLUMN tomorrow TEXT; CREATE INDEX metadata_tomorrow ON metadata (instance_no, tomorrow);";
constexpr std::string_view kRuntimeOfTomorrow =
    "ALTER TABLE sessions ADD COLUMN tomorrow TEXT; CREATE INDEX sessions_tomorrow ON sessions (instance_no, tomorrow);";

std::vector<schema::Version> with_tomorrow(Database database, std::string_view sql) {
    const auto known = schema::versions(database);
    std::vector<schema::Version> versions(known.begin(), known.end());
    versions.push_back({known.back().number + 1, sql, known.back().min_reader, known.back().min_writer});
    return versions;
}

}  // namespace

/// Every test of this fixture runs on a newer schema when GODWIT_TEST_NEWER_SCHEMA is set: ctest runs some rooms' tests that way, too.
Result<void> StoreTest::bring_to_newer_schema() {
    if (std::getenv("GODWIT_TEST_NEWER_SCHEMA") == nullptr) return {};
    const auto directory = with_tomorrow(Database::directory, kDirectoryOfTomorrow);
    const auto runtime = with_tomorrow(Database::runtime, kRuntimeOfTomorrow);
    if (on_sqlite()) {
        TRY(sqlite::open({.directory = directory_}, clock_, {.directory_versions = directory, .runtime_versions = runtime}));
    } else {
        TRY(postgres::open({.connection = postgres_server::connection(), .schema_prefix = prefix_}, clock_,
                           {.directory_versions = directory, .runtime_versions = runtime}));
    }
    return {};
}

StoreTest::StoreTest() {
    if (on_sqlite()) {
        directory_ = fresh_directory();
    } else {
        prefix_ = process_prefix();
        empty_tables(prefix_);
    }
    if (auto newer = bring_to_newer_schema(); !newer) {
        std::fprintf(stderr, "the newer schema cannot be made: %s\n", newer.error().message.c_str());
        std::abort();
    }
    reopen();
}

StoreTest::~StoreTest() {
    store_.reset();
    std::error_code ignored;
    if (on_sqlite()) std::filesystem::remove_all(directory_, ignored);
}

Result<std::unique_ptr<Store>> StoreTest::open() {
    if (on_sqlite()) return open_sqlite({.directory = directory_, .readers = 4}, clock_);
    return open_postgres({.connection = postgres_server::connection(), .schema_prefix = prefix_, .max_connections = 8}, clock_);
}

void StoreTest::reopen() {
    store_.reset();
    auto opened = open();
    if (!opened) {
        std::fprintf(stderr, "the store does not open: %s\n", opened.error().message.c_str());
        std::abort();
    }
    store_ = *std::move(opened);
}

}  // namespace godwit::store
