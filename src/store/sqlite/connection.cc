#include "store/sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "base/work_limit.h"
#include "store/schema/parameters.h"
#include "store/sqlite/early_writeback.h"

namespace godwit::store::sqlite {
namespace {

using schema::programming_error;

constexpr std::size_t kMaxStatements = 256;
/// Rows of one statement leave its cursors where the next row begins.
constexpr std::size_t kParametersTogether = 256;
/// Virtual machine steps between two looks at the clock, about a millisecond.
constexpr int kStepsPerLook = 20'000;

class StatementRow final : public Row {
public:
    explicit StatementRow(sqlite3_stmt* statement) : statement_(statement), columns_(sqlite3_column_count(statement)) {}

    std::int64_t i64(int column) const override { return has(column, SQLITE_INTEGER) ? sqlite3_column_int64(statement_, column) : 0; }
    std::string_view text(int column) const override {
        if (!has(column, SQLITE_TEXT)) return "";
        const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    std::string_view blob(int column) const override {
        if (!has(column, SQLITE_BLOB)) return "";
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    bool null(int column) const override {
        check(column);
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }

private:
    void check(int column) const {
        if (column < 0 || column >= columns_) programming_error("no such column in the answer", sqlite3_sql(statement_));
    }
    bool has(int column, int type) const {
        check(column);
        const int found = sqlite3_column_type(statement_, column);
        if (found != type && found != SQLITE_NULL)
            programming_error("a column of the answer read as another type", sqlite3_sql(statement_));
        return found == type;
    }

    sqlite3_stmt* statement_;
    int columns_;
};

void set_up_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        // The allocation counters take a global lock that readers on several cores contend for.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_initialize();
        begin_writeback_early();
    });
}

std::string insert_statement(std::string_view table, std::string_view columns, std::size_t width, std::size_t rows) {
    std::string sql = "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql += row == 0 ? "(?1" : ", (?1";
        for (std::size_t i = 1; i < width; ++i) sql += ", ?" + std::to_string(1 + row * (width - 1) + i);
        sql += ')';
    }
    return sql;
}

Error open_error(const std::string& path, std::string_view why) {
    return {Code::failed_precondition, "STORE-open", "cannot open the database file " + path + ": " + std::string(why)};
}

}  // namespace

/// Marks a statement used, so that a query inside another's callback gets a statement of its own, and resets it at the end.
class Connection::Lease {
public:
    explicit Lease(Statement* cached) : statement_(cached) { statement_->in_use = true; }
    explicit Lease(std::unique_ptr<Statement> own) : statement_(own.get()), own_(std::move(own)) {}
    Lease(Lease&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)), own_(std::move(other.own_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
        if (statement_ == nullptr) return;
        sqlite3_reset(statement_->handle);
        statement_->in_use = false;
        if (own_) sqlite3_finalize(own_->handle);
    }
    Statement& operator*() const { return *statement_; }
    Statement* operator->() const { return statement_; }

private:
    Statement* statement_;
    std::unique_ptr<Statement> own_;
};

Connection::Connection(sqlite3* db) : db_(db) {
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_progress_handler(
        db_, kStepsPerLook,
        [](void* self) -> int {
            const auto& deadline = static_cast<Connection*>(self)->deadline_;
            if (deadline && std::chrono::steady_clock::now() > *deadline) return 1;
            return work_wanted() ? 0 : 1;  // a writer's thread has no limit of its own
        },
        this);
}

Connection::~Connection() {
    for (Statement& statement : statements_) sqlite3_finalize(statement.handle);
    if (sqlite3_close(db_) != SQLITE_OK) programming_error("a connection was closed while in use", "");
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
    set_up_library();
    if (options.writable) {
        // Made here rather than by SQLite, which would leave it to the umask; the log and index files copy its mode.
        const int fd = ::open(options.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) return fail(open_error(options.path, std::strerror(errno)));
        ::close(fd);
    }
    sqlite3* db = nullptr;
    const int flags = (options.writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(options.path.c_str(), &db, flags, nullptr) != SQLITE_OK) {
        Error error = open_error(options.path, db != nullptr ? sqlite3_errmsg(db) : "out of memory");
        sqlite3_close(db);
        return fail(std::move(error));
    }
    std::unique_ptr<Connection> connection(new Connection(db));
    // "text" in double quotes is a name, never a string: a typing error must not become a constant.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_busy_timeout(db, 5'000);  // only another program (a backup, a person with the sqlite3 shell) can make us wait

    std::vector<std::string> settings{"PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -" + std::to_string(options.cache_kib)};
    if (options.writable) {
        settings.insert(settings.begin(), "PRAGMA page_size = " + std::to_string(options.page_size));
        settings.emplace_back("PRAGMA journal_mode = WAL");
        settings.emplace_back("PRAGMA synchronous = FULL");
        settings.emplace_back("PRAGMA wal_autocheckpoint = 0");  // the store checkpoints beside the writer
        settings.emplace_back("PRAGMA journal_size_limit = 268435456");
    }
    for (const std::string& setting : settings) {
        if (auto ran = connection->run(setting); !ran) return fail(open_error(options.path, ran.error().message));
    }
    // After the settings: wal_autocheckpoint takes the hook's place.
    sqlite3_wal_hook(
        db,
        [](void* self, sqlite3*, const char*, int pages) -> int {
            static_cast<Connection*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        connection.get());
    return connection;
}

Result<Connection::Lease> Connection::prepare(std::string_view sql) {
    if (const auto found = by_sql_.find(sql); found != by_sql_.end() && !found->second->in_use) {
        statements_.splice(statements_.begin(), statements_, found->second);
        return Lease(&*found->second);
    }
    Statement fresh;
    fresh.sql = sql;
    const char* tail = nullptr;
    const int rc =
        sqlite3_prepare_v3(db_, fresh.sql.data(), static_cast<int>(fresh.sql.size()), SQLITE_PREPARE_PERSISTENT, &fresh.handle, &tail);
    if (rc != SQLITE_OK) return std::unexpected(last_error(rc, sql));
    if (fresh.handle == nullptr || !trim(tail).empty()) programming_error("not exactly one statement", sql);
    const schema::Parameters parameters = schema::find_parameters(sql);
    fresh.highest_parameter = parameters.highest;
    fresh.names_first = parameters.names_first;

    if (by_sql_.contains(sql)) return Lease(std::make_unique<Statement>(std::move(fresh)));
    if (statements_.size() >= kMaxStatements) forget_oldest();
    statements_.push_front(std::move(fresh));
    by_sql_.emplace(statements_.front().sql, statements_.begin());
    return Lease(&statements_.front());
}

void Connection::forget_oldest() {
    for (auto it = statements_.end(); it != statements_.begin();) {
        --it;
        if (it->in_use) continue;
        by_sql_.erase(it->sql);
        sqlite3_finalize(it->handle);
        statements_.erase(it);
        return;
    }
}

Result<void> Connection::bind(Statement& statement, InstanceNo no, std::span<const Value> params) {
    sqlite3_stmt* handle = statement.handle;
    // A statement of the system may leave ?1 out; binding it is then out of range and harmless only when nothing else is bound.
    if (statement.highest_parameter > 0) sqlite3_bind_int64(handle, 1, no.value);
    int index = 1;
    for (const Value& param : params) {
        ++index;
        int rc = SQLITE_OK;
        // Views outlive the call, so nothing is copied. A null pointer would bind NULL, not an empty text.
        if (const auto* number = std::get_if<std::int64_t>(&param.data())) {
            rc = sqlite3_bind_int64(handle, index, *number);
        } else if (const auto* text = std::get_if<std::string_view>(&param.data())) {
            if (!schema::is_storable_text(*text))
                return fail(Code::invalid_argument, "STORE-text", "text must be well-formed UTF-8 without NUL characters");
            rc = sqlite3_bind_text64(handle, index, text->data() != nullptr ? text->data() : "", text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else if (const auto* blob = std::get_if<Blob>(&param.data())) {
            rc = sqlite3_bind_blob64(handle, index, blob->bytes.data() != nullptr ? blob->bytes.data() : "", blob->bytes.size(),
                                     SQLITE_STATIC);
        } else {
            rc = sqlite3_bind_null(handle, index);
        }
        if (rc != SQLITE_OK) return std::unexpected(last_error(rc, statement.sql));
    }
    return {};
}

Result<void> Connection::run(std::string_view sql) {
    const Lease statement = TRY(prepare(sql));
    int rc = sqlite3_step(statement->handle);
    while (rc == SQLITE_ROW) rc = sqlite3_step(statement->handle);  // PRAGMA answers are of no interest
    if (rc != SQLITE_DONE) return std::unexpected(last_error(rc, sql));
    return {};
}

Result<std::int64_t> Connection::query(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params,
                                       const RowFn& on_row) {
    const Lease statement = TRY(prepare(sql));
    schema::check_parameters(sql, {statement->highest_parameter, statement->names_first}, scoped, params.size());
    TRY(bind(*statement, no, params));
    const StatementRow row(statement->handle);
    std::int64_t rows = 0;
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(statement->handle)) == SQLITE_ROW) {
        ++rows;
        on_row(row);
    }
    if (rc != SQLITE_DONE) return std::unexpected(last_error(rc, sql));
    return rows;
}

Result<std::int64_t> Connection::exec(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params) {
    const Lease statement = TRY(prepare(sql));
    schema::check_parameters(sql, {statement->highest_parameter, statement->names_first}, scoped, params.size());
    TRY(bind(*statement, no, params));
    const std::int64_t before = sqlite3_total_changes64(db_);
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(statement->handle)) == SQLITE_ROW) {
    }
    if (rc != SQLITE_DONE) return std::unexpected(last_error(rc, sql));
    return sqlite3_total_changes64(db_) - before;
}

Result<void> Connection::insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) {
    const std::size_t width = split(columns, ',').size();
    if (trim(split(columns, ',').front()) != "instance_no")
        programming_error("the first column of insert_rows must be instance_no", columns);
    if (width < 2 || rows.size() % (width - 1) != 0) programming_error("insert_rows: the rows do not fit the columns", columns);

    const std::size_t count = rows.size() / (width - 1), together = std::max<std::size_t>(1, kParametersTogether / width);
    for (std::size_t at = 0; at < count;) {
        const std::size_t now = count - at < together ? 1 : together;
        const std::string sql = insert_statement(table, columns, width, now);
        const Lease statement = TRY(prepare(sql));
        for (; at + now <= count; at += now) {
            TRY(bind(*statement, no, rows.subspan(at * (width - 1), now * (width - 1))));
            const int rc = sqlite3_step(statement->handle);
            if (rc != SQLITE_DONE) return std::unexpected(last_error(rc, sql));
            sqlite3_reset(statement->handle);
        }
    }
    return {};
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Result<Connection::Checkpoint> Connection::checkpoint(CheckpointMode mode) {
    Checkpoint done{};
    const int rc =
        sqlite3_wal_checkpoint_v2(db_, nullptr, mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE,
                                  &done.wal_pages, &done.moved);
    if (rc != SQLITE_OK) return std::unexpected(last_error(rc, "checkpoint"));
    return done;
}

}  // namespace godwit::store::sqlite
