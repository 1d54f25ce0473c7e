#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "base/time.h"

namespace godwit::store::sqlite {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, 0, 0)";

class SqliteStoreTest : public ::testing::Test {
protected:
    SqliteStoreTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "godwit-sqlite-XXXXXX").string();
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern + "/data";
        reopen();
    }
    ~SqliteStoreTest() override {
        store_.reset();
        std::filesystem::remove_all(std::filesystem::path(directory_).parent_path());
    }

    void reopen(const Tuning& tuning = {}) {
        store_.reset();
        auto opened = open({.directory = directory_, .readers = 2}, clock_, tuning);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = *std::move(opened);
    }

    Result<std::int64_t> put(std::int64_t owner, std::string_view name, std::string_view value = "") {
        return store_->write(Database::directory, [&](Writer& db) { return db.exec(scope_, kInsert, {owner, name, Blob{value}}); });
    }

    std::int64_t count() {
        return *store_->read(Database::directory, [&](Reader& db) -> Result<std::int64_t> {
            std::int64_t n = 0;
            TRY(db.query(scope_, "SELECT count(*) FROM metadata WHERE instance_no = ?1", {}, [&](const Row& row) { n = row.i64(0); }));
            return n;
        });
    }

    SystemClock clock_;
    InstanceScope scope_ = InstanceScope::of({1});
    std::string directory_;
    std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, KeepsItsFilesPrivate) {
    ASSERT_TRUE(put(1, "a"));
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        struct stat info{};
        ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    }
}

TEST_F(SqliteStoreTest, RefusesASecondOpenerAndSaysWhy) {
    const auto second = open({.directory = directory_}, clock_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::failed_precondition);
    EXPECT_NE(second.error().message.find("in use by another process (" + std::to_string(::getpid())), std::string::npos)
        << second.error().message;
}

TEST_F(SqliteStoreTest, MovesTheLogIntoTheFile) {
    reopen({.checkpoint_pages = 50});
    const std::string value(3'000, 'v');
    for (int i = 0; i < 400; ++i) ASSERT_TRUE(put(i, "x", value));
    store_.reset();
    EXPECT_FALSE(std::filesystem::exists(directory_ + "/directory.db-wal"));
    EXPECT_GT(std::filesystem::file_size(directory_ + "/directory.db"), 1'000'000u);
    reopen();
    EXPECT_EQ(count(), 400);
}

TEST_F(SqliteStoreTest, RefusesADirectoryItCannotWrite) {
    store_.reset();
    std::filesystem::permissions(std::filesystem::path(directory_).parent_path(), std::filesystem::perms(0755));
    std::filesystem::permissions(directory_, std::filesystem::perms(0555));
    std::filesystem::remove(directory_ + "/godwit.lock");
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);  // root may write everywhere
        const auto opened = open({.directory = directory_}, clock_);
        ::_exit(!opened && opened.error().code == Code::failed_precondition ? 0 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::filesystem::permissions(directory_, std::filesystem::perms(0700));
}

// A limit on the size of files stands for a full disk: SQLite sees a write that fails. In a child, for the limit stays.
TEST_F(SqliteStoreTest, GoesOnAfterTheDiskWasFull) {
    store_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        auto opened = open({.directory = directory_}, clock_);
        if (!opened) ::_exit(10);
        store_ = *std::move(opened);
        if (!put(1, "before")) ::_exit(11);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = std::filesystem::file_size(directory_ + "/directory.db-wal") + 100'000;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto refused = put(2, "big", std::string(1'000'000, 'x'));
        if (refused || refused.error().code != Code::unavailable) ::_exit(12);
        if (count() != 1) ::_exit(13);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        if (!put(3, "after", std::string(1'000'000, 'x'))) ::_exit(14);
        if (count() != 2) ::_exit(15);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "step " << WEXITSTATUS(status);
    reopen();
    EXPECT_EQ(count(), 2);
}

}  // namespace
}  // namespace godwit::store::sqlite
