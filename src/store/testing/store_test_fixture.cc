#include "store/store_test_fixture.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

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

}  // namespace

StoreTest::StoreTest() {
    if (on_sqlite()) {
        directory_ = fresh_directory();
    } else {
        prefix_ = process_prefix();
        empty_tables(prefix_);
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
