// One connection to one SQLite file: opening it with our settings, prepared statements, values in and out, errors.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace godwit::store::sqlite {

struct ConnectionOptions {
    std::string path;
    int page_size = 4096;   ///< takes effect when the file is new
    int cache_kib = 2'000;  ///< of pages kept by this connection
    bool writable = true;
};

/// Used by one thread at a time.
class Connection {
public:
    /// Creates the file (0600) when it does not exist and `writable`.
    static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// One statement without parameters or rows: BEGIN, COMMIT, PRAGMA …
    Result<void> run(std::string_view sql);
    /// As Reader::query: `scoped` says that ?1 must be named.
    Result<std::int64_t> query(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params, const RowFn& on_row);
    /// As Writer::exec: the number of rows changed.
    Result<std::int64_t> exec(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params);
    /// As Writer::insert_rows.
    Result<void> insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows);

    /// False when SQLite itself rolled the transaction back (after some errors of the disk), or none was begun.
    bool in_transaction() const;

    /// Statements running past this point end with unavailable STORE-deadline; none: never.
    void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) { deadline_ = deadline; }

    struct Checkpoint {
        int wal_pages;  ///< in the log
        int moved;      ///< of them now in the database file
    };
    enum class CheckpointMode { passive, truncate };
    /// Moves pages of the write-ahead log into the database file. Passive waits for nobody.
    Result<Checkpoint> checkpoint(CheckpointMode mode);

    /// Copies the file as the open transaction sees it to the new file `path`; see snapshot.h.
    Result<void> copy_to(const std::string& path, const std::function<void(std::int64_t)>& progress);

    /// Pages in the write-ahead log after the last commit of this connection.
    int wal_pages() const { return wal_pages_; }

private:
    struct Statement {
        std::string sql;
        sqlite3_stmt* handle = nullptr;
        int highest_parameter = 0;
        bool names_first = false;
        bool in_use = false;
    };
    class Lease;  // a statement in use

    explicit Connection(sqlite3* db);
    Result<Lease> prepare(std::string_view sql);
    void forget_oldest();
    Result<void> bind(Statement& statement, InstanceNo no, std::span<const Value> params);
    Error last_error(int rc, std::string_view sql);
    std::string violated_index(std::string_view message);

    sqlite3* db_;
    std::list<Statement> statements_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Statement>::iterator> by_sql_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
    int wal_pages_ = 0;
};

}  // namespace godwit::store::sqlite
