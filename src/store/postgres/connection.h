// One connection to PostgreSQL: statements queued in libpq's pipeline and answered in one round trip, prepared once, in binary.
// A statement that nobody wants any more (base/work_limit.h) is cancelled on the server; a commit is always waited for.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/work_limit.h"
#include "store/postgres/codec.h"
#include "store/postgres/copy_thread.h"
#include "store/schema/parameters.h"
#include "store/store.h"

struct pg_conn;
struct pg_result;

namespace godwit::store::postgres {

struct ResultDeleter {
    void operator()(pg_result* result) const;
};
using ResultPtr = std::unique_ptr<pg_result, ResultDeleter>;

/// What to do about an error of the server, beside telling the caller.
enum class Remedy {
    none,
    retry,      ///< serialization failure or deadlock: run the transaction again
    reconnect,  ///< the connection, or what was prepared on it, is of no use any more
};

/// Used by one thread at a time.
class Connection {
public:
    /// `schemas`: those of directory and runtime.
    struct Settings {
        std::string conninfo;
        std::string directory_schema;
        std::string runtime_schema;
    };
    static Settings settings_of(const PostgresOptions& options);
    static Result<std::unique_ptr<Connection>> open(const Settings& settings);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    enum class Mode { read, write };
    /// Queues the begin of a transaction; it travels with the first statement.
    void begin(Database database, Mode mode);
    /// Commits and waits for the server's word. Nothing is sent when the transaction ran no statement.
    Result<void> commit();
    /// Ends the transaction without waiting: for reads, whose end can wait for the connection's next use.
    void end_read();
    void rollback();
    /// Savepoints may be nested. After roll_back_to_savepoint() the transaction goes on as if nothing had failed.
    Result<void> savepoint();
    Result<void> release_savepoint();
    Result<void> roll_back_to_savepoint();

    /// Sends a statement at once, with what was queued before it, and waits for its answer.
    Result<ResultPtr> run(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params);
    /// Queues a statement; what it answers is looked at with the next one that waits, or by flush().
    Result<void> queue(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params);
    Result<void> flush();

    /// Inserts rows by COPY. `rows` as in Writer::insert_rows. They are read before it returns, and sent meanwhile: what the server has
    /// against them, the next call says that waits for an answer.
    Result<void> copy(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows);

    /// One or more statements without parameters, outside a transaction of begin().
    Result<void> script(const std::string& sql);

    /// No statement since begin() was answered: the transaction may be run again, whatever its function does.
    bool untouched() const { return answers_ == 0; }
    /// After an error.
    Remedy remedy() const { return remedy_; }
    /// True when the connection may be used for another transaction.
    bool usable() const;
    /// True when COMMIT was sent and the connection ended before the server's word on it: nobody knows whether it happened.
    bool commit_unknown() const { return commit_unknown_; }
    Database database() const { return database_; }

private:
    struct Statement {
        std::string key;  // database ‖ sql
        schema::Parameters parameters;
        std::string name;  // on the server
        std::vector<Oid> types;
        bool prepared = false;
    };
    enum class Expect { command, prepare, describe, answer, sync };
    struct Pending {
        Expect expect;
        Statement* statement = nullptr;
    };

    Connection(pg_conn* connection, const Settings& settings);
    void queue_command(const std::string& sql);
    std::string_view schema_name() const;
    Result<Statement*> prepare(std::string_view sql, std::span<const Value> params);
    void send_prepare(Statement& statement, std::string_view sql);
    void forget_oldest();
    bool sent(int result);
    void open_transaction();
    void sync();
    Result<ResultPtr> collect();
    ResultPtr next_result();
    using Clock = std::chrono::steady_clock;
    void await_answer();
    bool cancel_unwanted(const WorkLimit& limit, Clock::time_point& next);
    bool cancel();
    void take(Pending item, ResultPtr result, ResultPtr& answer);
    Result<std::span<const Oid>> column_types(std::string_view table, std::string_view columns);
    Result<std::string> encode_copy(InstanceNo no, std::string_view columns, std::span<const Value> rows, std::span<const Oid> types);
    bool send_copy(const CopyThread::Stream& stream);
    void await_copies(bool (CopyThread::*done)(std::optional<std::chrono::milliseconds> patience));
    void finish_copies();

    void note_error(const pg_result* result, std::string_view sql);
    void note_lost_connection();

    pg_conn* connection_;
    Settings settings_;
    Database database_ = Database::directory;
    bool search_path_set_ = false;
    bool begin_due_ = false;       // begin() was called, nothing sent yet
    bool in_transaction_ = false;  // BEGIN was sent
    Mode mode_ = Mode::read;
    std::vector<Pending> pending_;
    std::optional<Error> error_;  // the first one since begin() or the last savepoint
    Remedy remedy_ = Remedy::none;
    bool commit_unknown_ = false;
    int answers_ = 0;
    bool broken_ = false;
    bool committing_ = false;

    std::list<Statement> statements_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Statement>::iterator> by_key_;
    std::vector<std::string> to_deallocate_;
    std::unordered_map<std::string, std::vector<Oid>> column_types_;
    std::int64_t next_name_ = 0;

    std::unique_ptr<CopyThread> copies_;  ///< from the first COPY on
    bool copies_cancelled_ = false;       ///< since the last time they were waited for
    bool copying_ = false;                ///< the connection is its thread's, until finish_copies()
};

}  // namespace godwit::store::postgres
