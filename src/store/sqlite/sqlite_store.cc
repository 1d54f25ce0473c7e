#include "store/sqlite/sqlite_store.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/id_generator.h"
#include "base/log.h"
#include "store/schema/id_mark.h"
#include "store/sqlite/data_directory.h"
#include "store/sqlite/database_file.h"
#include "store/sqlite/upgrade.h"

namespace godwit::store::sqlite {
namespace {

constexpr int kNode = 0;  // one process holds the files, so one node number will do

std::size_t index_of(Database database) { return database == Database::directory ? 0 : 1; }

class SqliteStore final : public Store {
public:
    SqliteStore(DataDirectory directory, const Clock& clock) : directory_(std::move(directory)), clock_(clock) {}
    ~SqliteStore() override;

    Result<void> open(const SqliteOptions& options, const Tuning& tuning);

    bool writers_waiting(Database database) const override { return files_[index_of(database)]->writer().waiting(); }
    Result<void> ping() override;
    std::string_view engine() const override { return "sqlite"; }

private:
    Result<void> run_read(Database database, const std::function<Result<void>(Reader&)>& fn) override {
        return files_[index_of(database)]->readers().run(fn);
    }
    Result<void> run_write(Database database, bool bulk, const std::function<Result<void>(Writer&)>& fn) override {
        return files_[index_of(database)]->writer().run(fn, bulk);
    }
    Result<void> store_mark(Time mark);
    void upkeep();
    void ask_checkpoint(Database database);

    DataDirectory directory_;
    const Clock& clock_;
    std::unique_ptr<IdGenerator> ids_;
    std::array<std::unique_ptr<DatabaseFile>, 2> files_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::array<bool, 2> checkpoint_asked_{};
    bool stopping_ = false;
    Time mark_;
    std::thread upkeep_;
};

Result<Time> read_mark(Connection& connection) {
    Time mark = kIdEpoch;
    const Value params[] = {kNode};
    TRY(connection.query(InstanceNo{0}, false, "SELECT id_mark FROM nodes WHERE node_no = ?2", params,
                         [&](const Row& row) { mark = row.time(0); }));
    return mark;
}

Result<void> SqliteStore::open(const SqliteOptions& options, const Tuning& tuning) {
    // Page sizes as measured: 8192 gives bulk 17 % and costs single commits 7 %; runtime has only single commits.
    const std::array<FileOptions, 2> file_options{
        FileOptions{.path = directory_.path() + "/directory.db",
                    .page_size = 8192,
                    .writer_cache_kib = 64'000,  // a batch's part of the tree of names, at a million users
                    .readers = options.readers,
                    .checkpoint_pages = tuning.checkpoint_pages},
        FileOptions{.path = directory_.path() + "/runtime.db",
                    .page_size = 4096,
                    .writer_cache_kib = 8'000,
                    .readers = options.readers,
                    .checkpoint_pages = tuning.checkpoint_pages},
    };
    std::array<std::unique_ptr<Connection>, 2> writers;
    for (const Database database : {Database::directory, Database::runtime}) {
        const std::size_t i = index_of(database);
        writers[i] = TRY(Connection::open(DatabaseFile::writer_options(file_options[i])));
        TRY(upgrade(*writers[i], database, i == 0 ? tuning.directory_versions : tuning.runtime_versions));
    }
    mark_ = TRY(read_mark(*writers[0]));
    ids_ = std::make_unique<IdGenerator>(clock_, kNode, mark_);
    for (const Database database : {Database::directory, Database::runtime}) {
        const std::size_t i = index_of(database);
        files_[i] =
            TRY(DatabaseFile::open(file_options[i], std::move(writers[i]), *ids_, clock_, [this, database] { ask_checkpoint(database); }));
    }
    TRY(store_mark(schema::next_id_mark(clock_.now(), mark_)));
    upkeep_ = std::thread([this] { upkeep(); });
    return {};
}

SqliteStore::~SqliteStore() {
    if (upkeep_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        upkeep_.join();
        // Nothing was made beyond this, so the next start need not skip ahead.
        if (auto stored = store_mark(ids_->high_water()); !stored) log::warn("the id mark stays ahead", {{"why", stored.error().message}});
    }
}

Result<void> SqliteStore::store_mark(Time mark) {
    TRY(write(Database::directory, [&](Writer& db) {
        return db.system_exec(
            "INSERT INTO nodes (node_no, boot_id, lease_until, id_mark) VALUES (?2, '', 0, ?3) "
            "ON CONFLICT (node_no) DO UPDATE SET id_mark = excluded.id_mark",
            {kNode, mark});
    }));
    mark_ = mark;
    ids_->allow_until(mark);
    return {};
}

void SqliteStore::ask_checkpoint(Database database) {
    {
        const std::lock_guard lock(mutex_);
        checkpoint_asked_[index_of(database)] = true;
    }
    wake_.notify_one();
}

/// Checkpoints when asked, and moves the id mark ahead of the clock.
void SqliteStore::upkeep() {
    auto next_mark = std::chrono::steady_clock::now() + schema::kIdMarkEvery;
    while (true) {
        std::array<bool, 2> asked{};
        {
            std::unique_lock lock(mutex_);
            wake_.wait_until(lock, next_mark, [&] { return stopping_ || checkpoint_asked_[0] || checkpoint_asked_[1]; });
            if (stopping_) return;
            std::swap(asked, checkpoint_asked_);
        }
        for (const std::size_t i : {0, 1}) {
            if (asked[i]) files_[i]->checkpoint();
        }
        if (std::chrono::steady_clock::now() < next_mark) continue;
        next_mark = std::chrono::steady_clock::now() + schema::kIdMarkEvery;
        // On failure ids go on from the old mark without the clock; they stay unique.
        if (auto stored = store_mark(schema::next_id_mark(clock_.now(), ids_->high_water())); !stored)
            log::warn("the id mark could not be stored", {{"why", stored.error().message}});
    }
}

Result<void> SqliteStore::ping() {
    for (const Database database : {Database::directory, Database::runtime}) {
        TRY(read(database, [](Reader& db) { return db.system_query("SELECT version FROM schema_state", {}, [](const Row&) {}); }));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open(const SqliteOptions& options, const Clock& clock, const Tuning& tuning) {
    auto directory = TRY(DataDirectory::lock(options.directory));
    if (::access((options.directory + "/" + kUnfinishedRestore).c_str(), F_OK) == 0)
        return fail(Code::failed_precondition, "STORE-restore",
                    "a restore into " + options.directory + " was interrupted; run `godwit restore` again, it starts anew");
    auto store = std::make_unique<SqliteStore>(std::move(directory), clock);
    TRY(store->open(options, tuning));
    return store;
}

}  // namespace godwit::store::sqlite

namespace godwit::store {

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options, const Clock& clock) { return sqlite::open(options, clock); }

}  // namespace godwit::store
