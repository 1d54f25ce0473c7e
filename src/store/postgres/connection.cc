#include "store/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/lane.h"
#include "base/log.h"
#include "base/text.h"
#include "base/work_limit.h"
#include "store/postgres/errors.h"
#include "store/schema/parameters.h"

namespace godwit::store::postgres {
namespace {

using schema::programming_error;

constexpr std::size_t kMaxStatements = 256;
/// How often a statement's caller is asked whether it still waits, and a cancelled statement is cancelled anew.
constexpr std::chrono::milliseconds kLookEvery{50}, kCancelEvery{1000};

Error lost_connection_error() { return {Code::unavailable, "STORE-connection", "the connection to the database broke; try again"}; }

}  // namespace

void ResultDeleter::operator()(pg_result* result) const { PQclear(result); }

Connection::Connection(pg_conn* connection, const Settings& settings) : connection_(connection), settings_(settings) {}

Connection::~Connection() {
    copies_.reset();
    PQfinish(connection_);
}

Connection::Settings Connection::settings_of(const PostgresOptions& options) {
    return {options.connection, options.schema_prefix + "_directory", options.schema_prefix + "_runtime"};
}

Result<std::unique_ptr<Connection>> Connection::open(const Settings& settings) {
    // Ours first, so that the operator's conninfo, expanded last, overrides them. A peer that vanished is noticed within half a minute.
    const char* keywords[] = {
        "connect_timeout", "tcp_user_timeout", "keepalives_idle", "application_name", "client_encoding", "dbname", nullptr};
    const char* values[] = {"5", "30000", "30", "godwit", "UTF8", settings.conninfo.c_str(), nullptr};
    PGconn* raw = PQconnectdbParams(keywords, values, 1);
    std::unique_ptr<Connection> connection(new Connection(raw, settings));
    if (PQstatus(raw) != CONNECTION_OK) {
        log::warn("postgres: no connection", {{"why", trim(PQerrorMessage(raw))}});
        return fail(Code::unavailable, "STORE-connection", "the database is out of reach: " + std::string(trim(PQerrorMessage(raw))));
    }
    PQsetNoticeProcessor(raw, [](void*, const char* message) { log::debug("postgres", {{"notice", trim(message)}}); }, nullptr);
    TRY(
        connection->script("SELECT set_config(name, value, false) FROM (VALUES ('statement_timeout', '30s'), ('lock_timeout', '10s'), "
                           "('idle_in_transaction_session_timeout', '60s')) AS ours (name, value) "
                           "WHERE current_setting(name) = '0'; "  // what the operator set for role, database or connection stays
                           "SET timezone = 'UTC'; SET client_min_messages = warning; "
                           // A prepared statement keeps its plan until the table is analysed. One made while the table was empty would
                           // scan it from then on, however it grows, so an index always counts for more than a scan. What is scanned
                           // all the same seems so dear then that it would be compiled first, which takes longer than our queries do.
                           "SET enable_seqscan = off; SET jit = off"));
    return connection;
}

bool Connection::usable() const { return !broken_ && remedy_ != Remedy::reconnect && PQstatus(connection_) == CONNECTION_OK; }

std::string_view Connection::schema_name() const {
    return database_ == Database::directory ? settings_.directory_schema : settings_.runtime_schema;
}

// ---- transactions ----

void Connection::begin(Database database, Mode mode) {
    if (in_transaction_) programming_error("a transaction within a transaction", "");
    search_path_set_ = search_path_set_ && database == database_;
    database_ = database;
    mode_ = mode;
    begin_due_ = true;
    error_.reset();
    remedy_ = Remedy::none;
    commit_unknown_ = false;
    answers_ = 0;
    while (statements_.size() > kMaxStatements) forget_oldest();
}

void Connection::open_transaction() {
    if (!begin_due_) return;
    begin_due_ = false;
    const bool before = !to_deallocate_.empty() || !search_path_set_;
    for (const std::string& name : to_deallocate_) queue_command("DEALLOCATE " + name);
    to_deallocate_.clear();
    if (!search_path_set_) {
        queue_command("SET search_path TO " + std::string(schema_name()));
        search_path_set_ = true;
    }
    // A sync of their own: inside the transaction a rollback would take the settings back.
    if (before) sync();
    // Writers rest on constraints and versions, see README.md; a reader sees one snapshot.
    queue_command(mode_ == Mode::read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED");
    in_transaction_ = true;
}

Result<void> Connection::commit() {
    if (std::exchange(begin_due_, false)) return {};
    finish_copies();
    in_transaction_ = false;
    const bool was_whole = !error_;
    queue_command("COMMIT");
    const bool was_sent = !broken_;
    committing_ = true;
    auto answer = collect();
    committing_ = false;
    if (answer) return {};
    // The server's farewell (57P01 …) may take the place of its word on a commit that it has already made.
    commit_unknown_ = was_whole && was_sent && (broken_ || remedy_ == Remedy::reconnect);
    // When a statement queued before it failed, the server passed over the COMMIT, and the transaction is still open.
    rollback();
    return std::unexpected(std::move(answer).error());
}

void Connection::end_read() {
    if (std::exchange(begin_due_, false)) return;
    in_transaction_ = false;
    queue_command("COMMIT");
    sync();
}

void Connection::rollback() {
    finish_copies();
    if (std::exchange(begin_due_, false) || broken_) return;
    in_transaction_ = false;
    queue_command("ROLLBACK");
    sync();
}

Result<void> Connection::savepoint() {
    open_transaction();
    queue_command("SAVEPOINT attempt");
    return flush();  // a failure of what was queued before belongs to the transaction, not to the attempt
}

Result<void> Connection::release_savepoint() {
    queue_command("RELEASE SAVEPOINT attempt");
    return flush();
}

Result<void> Connection::roll_back_to_savepoint() {
    finish_copies();
    if (!pending_.empty()) (void)collect().has_value();  // what failed in there is undone now
    error_.reset();
    remedy_ = broken_ ? Remedy::reconnect : Remedy::none;
    if (broken_) return fail(lost_connection_error());
    queue_command("ROLLBACK TO SAVEPOINT attempt");
    return release_savepoint();
}

// ---- statements ----

Result<ResultPtr> Connection::run(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params) {
    TRY(queue(no, scoped, sql, params));
    return collect();
}

Result<void> Connection::flush() {
    TRY(collect());
    return {};
}

Result<void> Connection::queue(InstanceNo no, bool scoped, std::string_view sql, std::span<const Value> params) {
    for (const Value& param : params) {
        if (const auto* text = std::get_if<std::string_view>(&param.data()); text != nullptr && !schema::is_storable_text(*text))
            return fail(Code::invalid_argument, "STORE-text", "text must be well-formed UTF-8 without NUL characters");
    }
    finish_copies();
    open_transaction();
    Statement* statement = TRY(prepare(sql, params));
    schema::check_parameters(sql, statement->parameters, scoped, params.size());
    const Parameters encoded(no, params, statement->types);
    if (sent(PQsendQueryPrepared(connection_, statement->name.c_str(), encoded.count(), encoded.pointers(), encoded.lengths(),
                                 encoded.formats(), 1)))
        pending_.push_back({Expect::answer, statement});
    return {};
}

/// The statement of this text on this connection, with types that `params` fit; queues its preparation when it is new.
Result<Connection::Statement*> Connection::prepare(std::string_view sql, std::span<const Value> params) {
    std::string key;
    key.reserve(sql.size() + 1);
    key += database_ == Database::directory ? 'd' : 'r';
    key += sql;
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        statements_.splice(statements_.begin(), statements_, found->second);
    } else {
        statements_.emplace_front();
        statements_.front().key = std::move(key);
        statements_.front().parameters = schema::find_parameters(sql);
        by_key_.emplace(statements_.front().key, statements_.begin());
    }
    Statement& statement = statements_.front();
    bool fitting = statement.prepared && statement.types.size() == params.size() + 1;
    for (std::size_t i = 0; fitting && i < params.size(); ++i) fitting = fits(params[i], statement.types[i + 1]);
    if (!fitting) {
        if (statement.prepared) to_deallocate_.push_back(statement.name);
        statement.types.assign(1, kInt4);
        for (const Value& param : params) statement.types.push_back(natural_type(param));
        send_prepare(statement, sql);
    }
    return &statement;
}

void Connection::send_prepare(Statement& statement, std::string_view sql) {
    statement.name = "s" + std::to_string(++next_name_);
    const std::string text = schema::with_dollar_parameters(sql);
    if (!sent(PQsendPrepare(connection_, statement.name.c_str(), text.c_str(), static_cast<int>(statement.types.size()),
                            statement.types.data())))
        return;
    statement.prepared = true;
    pending_.push_back({Expect::prepare, &statement});
    // A NULL says nothing of its type: the server infers it, and later values have to fit.
    if (std::find(statement.types.begin(), statement.types.end(), kUnknownType) == statement.types.end()) return;
    if (sent(PQsendDescribePrepared(connection_, statement.name.c_str()))) pending_.push_back({Expect::describe, &statement});
}

void Connection::forget_oldest() {
    const auto oldest = std::prev(statements_.end());
    if (oldest->prepared) to_deallocate_.push_back(oldest->name);
    by_key_.erase(oldest->key);
    statements_.erase(oldest);
}

void Connection::queue_command(const std::string& sql) {
    finish_copies();
    if (sent(PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1))) pending_.push_back({Expect::command});
}

bool Connection::sent(int result) {
    if (result == 1 && !broken_) return true;
    note_lost_connection();
    return false;
}

void Connection::sync() {
    if (sent(PQpipelineSync(connection_))) pending_.push_back({Expect::sync});
}

// ---- answers ----

/// Sends what is queued and reads everything that is due. The answer of the last statement, or the first error since begin().
Result<ResultPtr> Connection::collect() {
    finish_copies();
    sync();
    ResultPtr answer;
    for (std::size_t i = 0; i < pending_.size() && !broken_; ++i) take(pending_[i], next_result(), answer);
    pending_.clear();
    if (error_) return std::unexpected(*error_);
    ++answers_;
    return answer;
}

/// nullptr when the connection broke.
ResultPtr Connection::next_result() {
    const Lanes::Waiting waiting;
    await_answer();
    ResultPtr result(PQgetResult(connection_));
    if (!result) note_lost_connection();
    return result;
}

/// Until there is something to read, or nothing will come. Work that is not wanted any more is cancelled on the server, which then
/// answers with an error. A commit is not: its word decides what is told to the caller.
void Connection::await_answer() {
    const WorkLimit* const limit = committing_ ? nullptr : WorkLimit::current();
    auto next_cancel = Clock::time_point::min();
    while (limit != nullptr && PQisBusy(connection_) != 0) {
        const auto now = Clock::now();
        if (!cancel_unwanted(*limit, next_cancel)) return;  // the server's own statement_timeout ends it
        auto until = now + kLookEvery;
        if (limit->deadline() && *limit->deadline() > now) until = std::min(until, *limit->deadline());
        pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
        const auto patience = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        const int ready = ::poll(&socket, 1, static_cast<int>(patience.count()));
        if (ready < 0 && errno != EINTR) return;
        if (ready > 0 && PQconsumeInput(connection_) != 1) return;
    }
}

/// False: it should be, and cannot.
bool Connection::cancel_unwanted(const WorkLimit& limit, Clock::time_point& next) {
    const auto now = Clock::now();
    if (limit.check() || now < next) return true;
    next = now + kCancelEvery;  // the first may have come before the statement did
    return cancel();
}

/// Waits for the thread that has the connection, which is cancelled on the server when its work is not wanted any more.
void Connection::await_copies(bool (CopyThread::*done)(std::optional<std::chrono::milliseconds> patience)) {
    const WorkLimit* const limit = WorkLimit::current();
    auto next_cancel = Clock::time_point::min();
    while (!(*copies_.*done)(limit ? std::optional(kLookEvery) : std::nullopt)) cancel_unwanted(*limit, next_cancel);
    if (next_cancel != Clock::time_point::min()) copies_cancelled_ = true;
}

/// Waits until the server has taken in all rows; the connection is ours again.
void Connection::finish_copies() {
    if (!std::exchange(copying_, false)) return;
    await_copies(&CopyThread::drained);
    // The thread does not know whose work it does.
    if (std::exchange(copies_cancelled_, false) && error_) {
        if (const auto wanted = work_wanted(); !wanted) error_ = wanted.error();
    }
    if (!broken_ && PQenterPipelineMode(connection_) != 1) note_lost_connection();
}

bool Connection::cancel() {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle(PQgetCancel(connection_), PQfreeCancel);
    char why[256] = "no connection";
    if (handle && PQcancel(handle.get(), why, sizeof why) == 1) return true;
    log::warn("postgres: a statement could not be cancelled", {{"why", trim(why)}});
    return false;
}

void Connection::take(Pending item, ResultPtr result, ResultPtr& answer) {
    if (!result) return;
    const ExecStatusType status = PQresultStatus(result.get());
    if (item.expect == Expect::sync) {
        if (status != PGRES_PIPELINE_SYNC) note_error(result.get(), "");
        return;
    }
    while (ResultPtr more{PQgetResult(connection_)}) {  // up to the null that ends each statement's results
    }
    if (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED) {
        if (item.expect == Expect::prepare) item.statement->prepared = false;
        if (item.expect == Expect::describe) item.statement->prepared = false;
        if (status == PGRES_FATAL_ERROR)
            note_error(result.get(), item.statement != nullptr ? std::string_view(item.statement->key).substr(1) : "");
        return;
    }
    if (item.expect == Expect::describe) {
        for (std::size_t i = 0; i < item.statement->types.size(); ++i)
            item.statement->types[i] = PQparamtype(result.get(), static_cast<int>(i));
    } else if (item.expect == Expect::answer) {
        answer = std::move(result);
    }
}

void Connection::note_error(const pg_result* result, std::string_view sql) {
    const ServerError found = server_error(result, sql, PQstatus(connection_) == CONNECTION_OK);
    if (!error_) {
        error_ = found.error;
        remedy_ = found.remedy;
    }
    if (PQstatus(connection_) != CONNECTION_OK) broken_ = true;
    if (found.remedy == Remedy::reconnect) remedy_ = Remedy::reconnect;
}

void Connection::note_lost_connection() {
    broken_ = true;
    remedy_ = Remedy::reconnect;
    if (!error_) error_ = lost_connection_error();
}

Result<void> Connection::script(const std::string& sql) {
    finish_copies();
    if (!pending_.empty()) (void)collect().has_value();
    error_.reset();
    if (!broken_ && PQpipelineStatus(connection_) == PQ_PIPELINE_ON) PQexitPipelineMode(connection_);
    const ResultPtr result = [&] {
        const Lanes::Waiting waiting;
        return ResultPtr(PQexec(connection_, sql.c_str()));
    }();
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) note_error(result.get(), sql);
    if (!broken_ && PQenterPipelineMode(connection_) != 1) note_lost_connection();
    if (error_) return std::unexpected(*error_);
    return {};
}

}  // namespace godwit::store::postgres
