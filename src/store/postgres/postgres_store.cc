#include "store/postgres/postgres_store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "base/log.h"
#include "base/text.h"
#include "store/postgres/growth.h"
#include "store/postgres/node_lease.h"
#include "store/postgres/pool.h"
#include "store/postgres/transaction.h"
#include "store/postgres/upgrade.h"
#include "store/schema/id_mark.h"

namespace godwit::store::postgres {
namespace {

constexpr int kTries = 10;      ///< of a transaction that the server wants run again
constexpr int kJoinTries = 60;  ///< each as long as the connection's lock_timeout, 10 s unless the operator says otherwise
constexpr int kReconnects = 3;  ///< of one whose connection broke

/// Set while a write runs on this thread: another one inside it would not be part of the same transaction, and might wait for it.
thread_local bool writing = false;

void back_off(int attempt) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const int ceiling = std::min(1 << attempt, 64);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(0, ceiling)(random)));
}

class PostgresStore final : public Store {
public:
    PostgresStore(Connection::Settings settings, std::size_t max_connections, const Clock& clock)
        : settings_(std::move(settings)), pool_(settings_, max_connections), clock_(clock) {}
    ~PostgresStore() override;

    Result<void> open(const Tuning& tuning);

    bool writers_waiting(Database) const override { return pool_.waiting(); }
    Result<void> ping() override;
    std::string_view engine() const override { return "postgres"; }

private:
    using WriteFn = std::function<Result<void>(Writer&)>;

    Result<void> run_read(Database database, const std::function<Result<void>(Reader&)>& fn) override;
    Result<void> run_write(Database database, bool bulk, const WriteFn& fn) override;
    Result<void> write_with(Database database, bool bulk, const std::shared_ptr<IdGenerator>& ids, const WriteFn& fn);
    Result<void> write_once(Connection& connection, Database database, const std::shared_ptr<IdGenerator>& ids, const WriteFn& fn,
                            bool& again);
    Result<void> join();
    void analyse_what_grew();
    void upkeep();

    const Connection::Settings settings_;
    Pool pool_;
    const Clock& clock_;
    std::unique_ptr<NodeLease> lease_;
    Growth growth_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread upkeep_;
};

Result<void> PostgresStore::open(const Tuning& tuning) {
    {
        auto connection = TRY(Connection::open(settings_));
        TRY(upgrade(*connection, settings_, Database::directory, tuning.directory_versions));
        TRY(upgrade(*connection, settings_, Database::runtime, tuning.runtime_versions));
    }
    lease_ = std::make_unique<NodeLease>(clock_, [this](const WriteFn& fn) { return write_with(Database::directory, false, nullptr, fn); });
    TRY(join());
    upkeep_ = std::thread([this] { upkeep(); });
    return {};
}

/// Waits while another process has the databases to itself.
Result<void> PostgresStore::join() {
    for (int tries = 1;; ++tries) {
        auto joined = lease_->renew();
        if (joined || joined.error().id != "STORE-lock") return joined;
        if (tries == kJoinTries)
            return fail(Code::unavailable, "STORE-sole-use",
                        "a migration is filling this database, and builds its indexes last; start again when it has ended");
        if (tries == 1) log::warn("a migration is filling this database; waiting for it to end");
    }
}

PostgresStore::~PostgresStore() {
    if (!upkeep_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    upkeep_.join();
}

void PostgresStore::upkeep() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, schema::kIdMarkEvery, [&] { return stopping_; })) {
        lock.unlock();
        if (auto renewed = lease_->renew(); !renewed) log::warn("the node number could not be renewed", {{"why", renewed.error().message}});
        lock.lock();
    }
}

Result<void> PostgresStore::run_read(Database database, const std::function<Result<void>(Reader&)>& fn) {
    for (int tries = 0;; ++tries) {
        auto connection = TRY(pool_.acquire(database, false));
        connection->begin(database, Connection::Mode::read);
        PostgresReader reader(*connection);
        auto outcome = fn(reader);
        connection->end_read();
        // A connection that turns out dead at its first use costs the caller nothing. Later `fn` may have handed rows on: not to be
        // repeated.
        const bool again = !outcome && !connection->usable() && connection->untouched() && tries < kReconnects;
        pool_.release(std::move(connection), false);
        if (!again) return outcome;
    }
}

Result<void> PostgresStore::run_write(Database database, bool bulk, const WriteFn& fn) {
    if (writing) schema::programming_error("a write inside a write", "");
    auto ids = lease_->ids();
    if (!ids) {
        TRY(lease_->renew());
        ids = lease_->ids();
        if (!ids) return std::unexpected(std::move(ids).error());
    }
    auto outcome = write_with(database, bulk, *ids, fn);
    if (outcome && bulk) analyse_what_grew();
    return outcome;
}

/// Beside the work that goes on: an error is of no matter to it.
void PostgresStore::analyse_what_grew() {
    for (const Growth::Table& table : growth_.take_due()) {
        const auto analysed = write_with(table.database, true, nullptr, [&](Writer& db) -> Result<void> {
            // An initial load asks for nothing of what it brings, and tells the planner at its end.
            const auto known =
                TRY(db.system_query("SELECT 1 FROM pg_class WHERE oid = to_regclass(?2) AND reltuples * 4 > ?3 "
                                    "UNION ALL SELECT 1 FROM schema_state WHERE component = 'initial_load'",
                                    {table.name, table.rows}, [](const Row&) {}));
            if (known == 0) TRY(db.system_exec("ANALYZE " + table.name, {}));
            return {};
        });
        if (!analysed) log::info("postgres: a table was not analysed", {{"table", table.name}, {"why", analysed.error().message}});
    }
}

Result<void> PostgresStore::write_with(Database database, bool bulk, const std::shared_ptr<IdGenerator>& ids, const WriteFn& fn) {
    for (int tries = 0, reconnects = 0;;) {
        auto connection = TRY(pool_.acquire(database, bulk));
        bool again = false;
        auto outcome = write_once(*connection, database, ids, fn, again);
        const bool broken = !connection->usable();
        pool_.release(std::move(connection), bulk);
        if (!again || ++tries >= kTries || (broken && ++reconnects > kReconnects)) return outcome;
        if (!broken) back_off(tries);
    }
}

/// `again`: the transaction is known to have left nothing, for a reason that another try may not meet.
Result<void> PostgresStore::write_once(Connection& connection, Database database, const std::shared_ptr<IdGenerator>& ids,
                                       const WriteFn& fn, bool& again) {
    connection.begin(database, Connection::Mode::write);
    PostgresWriter writer(connection, ids, clock_.now());
    writing = true;
    auto outcome = fn(writer);
    writing = false;
    if (writer.lost()) outcome = std::unexpected(*writer.lost());
    if (outcome) {
        outcome = connection.commit();
        if (connection.commit_unknown())
            return fail(Code::unavailable, "STORE-unknown",
                        "the connection broke while the change was being committed; look whether it happened");
        if (outcome) {
            for (const auto& [table, rows] : writer.copied()) growth_.add(database, table, rows);
        }
    } else {
        connection.rollback();
    }
    again = !outcome && connection.remedy() != Remedy::none;
    return outcome;
}

Result<void> PostgresStore::ping() {
    for (const Database database : {Database::directory, Database::runtime}) {
        TRY(read(database, [](Reader& db) { return db.system_query("SELECT version FROM schema_state", {}, [](const Row&) {}); }));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open(const PostgresOptions& options, const Clock& clock, const Tuning& tuning) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '_'; };
    if (options.schema_prefix.empty() || options.schema_prefix.size() > 40 || !std::ranges::all_of(options.schema_prefix, is_plain))
        return fail(Code::invalid_argument, "STORE-schema", "the schema prefix may have up to 40 of a-z, 0-9 and _");
    auto store = std::make_unique<PostgresStore>(Connection::settings_of(options), options.max_connections, clock);
    TRY(store->open(tuning));
    return store;
}

}  // namespace godwit::store::postgres

namespace godwit::store {

Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options, const Clock& clock) { return postgres::open(options, clock); }

}  // namespace godwit::store
