// Reader and Writer over one PostgreSQL connection, inside a transaction that somebody else begins and ends.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/id_generator.h"
#include "store/postgres/connection.h"
#include "store/store.h"

namespace godwit::store::postgres {

class PostgresReader final : public Reader {
public:
    explicit PostgresReader(Connection& connection) : connection_(connection) {}

    Result<std::int64_t> settled_tx() override;

private:
    Result<std::int64_t> run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) override;

    Connection& connection_;
};

class PostgresWriter final : public Writer {
public:
    PostgresWriter(Connection& connection, std::shared_ptr<IdGenerator> ids, Time now)
        : connection_(connection), ids_(std::move(ids)), now_(now) {}

    /// The error of the first statement that failed, which lost the transaction.
    const std::optional<Error>& lost() const { return lost_; }
    /// Tables and rows that came by COPY.
    const std::vector<std::pair<std::string, std::int64_t>>& copied() const { return copied_; }

    Result<std::int64_t> settled_tx() override;
    using Writer::append;
    Result<void> append(InstanceScope scope, std::span<const Event> events) override;
    Time now() const override { return now_; }
    std::int64_t new_id() override { return ids_->next(); }

private:
    Result<std::int64_t> run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) override;
    Result<std::int64_t> run_exec(InstanceNo no, std::string_view sql, std::span<const Value> params) override;
    Result<void> run_insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) override;
    Result<void> run_attempt(const std::function<Result<void>()>& fn) override;
    template <class Fn>
    auto guard(Fn fn) -> decltype(fn());

    Connection& connection_;
    std::shared_ptr<IdGenerator> ids_;
    Time now_;
    bool appending_ = false;
    std::optional<Error> lost_;
    std::vector<std::pair<std::string, std::int64_t>> copied_;
};

}  // namespace godwit::store::postgres
