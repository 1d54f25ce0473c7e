#include "store/store_test_fixture.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "store/testing/private_postgres.h"

namespace godwit::store {
namespace {

constexpr const char* kNewerSchema = "GODWIT_TEST_NEWER_SCHEMA";

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

/// Has the command of GODWIT_TEST_NEWER_SCHEMA make databases; `where` is what it is told besides.
Result<void> make_newer_schema(const std::string& where) {
    const std::string command = std::getenv(kNewerSchema) + (" " + where);
    if (std::system(command.c_str()) != 0) return fail(Code::internal, "TEST-schema", command + " failed");
    return {};
}

/// A folder with files of the newer schema, made once and then copied.
class NewerFiles {
public:
    NewerFiles() : folder_(fresh_directory()), made_(make_newer_schema("sqlite " + folder_)) {}
    ~NewerFiles() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    NewerFiles(const NewerFiles&) = delete;
    NewerFiles& operator=(const NewerFiles&) = delete;

    Result<void> copy_to(const std::string& directory) const {
        if (made_) std::filesystem::copy(folder_, directory, std::filesystem::copy_options::recursive);
        return made_;
    }

private:
    std::string folder_;
    Result<void> made_;
};

}  // namespace

/// Every test of this fixture runs on a newer schema when GODWIT_TEST_NEWER_SCHEMA names a command that makes it (tests/schema): ctest runs
/// some rooms' tests that way, too.
Result<void> StoreTest::bring_to_newer_schema() {
    if (std::getenv(kNewerSchema) == nullptr) return {};
    if (on_sqlite()) {
        static const NewerFiles files;
        return files.copy_to(directory_);
    }
    static const Result<void> made = make_newer_schema("postgres '" + postgres_server::connection() + "' " + prefix_);
    return made;
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
