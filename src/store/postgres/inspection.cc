#include "store/inspection.h"

#include "store/postgres/connection.h"
#include "store/postgres/transaction.h"

namespace godwit::store::postgres {
namespace {

class PostgresInspection final : public Inspection {
public:
    explicit PostgresInspection(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

    Result<void> open() {
        TRY(connection_->script("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"));
        return read(Database::directory, [&](Reader& db) -> Result<void> {
            TRY(db.system_query("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'", {}, [&](const Row&) { amcheck_ = true; }));
            bool there = false;
            TRY(db.system_query("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_state'", {},
                                [&](const Row&) { there = true; }));
            if (!there) return fail(Code::not_found, "STORE-none", "the database holds nothing of ours; look at Database.postgres");
            return {};
        });
    }

    std::string_view engine() const override { return "postgres"; }
    bool checks_itself() const override { return amcheck_; }

    Result<void> read(Database database, const std::function<Result<void>(Reader&)>& fn) override {
        connection_->begin(database, Connection::Mode::read);
        PostgresReader reader(*connection_);
        auto outcome = fn(reader);
        connection_->end_read();
        return outcome;
    }

    Result<std::vector<std::string>> check_engine(Database database) override {
        std::vector<std::string> found;
        if (!amcheck_) return found;
        for (const Object& index : TRY(objects(database))) {
            if (!index.index || !index.valid) continue;
            // One transaction an index: the check ends with the first error.
            auto checked = read(database, [&](Reader& db) -> Result<void> {
                TRY(db.system_query("SELECT 1 FROM (SELECT bt_index_check(CAST(CAST(?2 AS text) AS regclass), true)) AS checked",
                                    {index.name}, [](const Row&) {}));
                return {};
            });
            if (checked) continue;
            if (checked.error().code == Code::unavailable) return std::unexpected(checked.error());
            found.push_back("index " + index.name + " does not agree with its table (amcheck; details in the server's log)");
        }
        return found;
    }

    Result<std::vector<Object>> objects(Database database) override {
        std::vector<Object> found;
        TRY(read(database, [&](Reader& db) -> Result<void> {
            TRY(db.system_query(
                "SELECT c.relname, COALESCE(i.indisunique, false), COALESCE(i.indisvalid, true), c.relkind = 'i' FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid "
                "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'i', 'I')",
                {}, [&](const Row& row) {
                    found.push_back({.name = std::string(row.text(0)), .index = row.flag(3), .unique = row.flag(1), .valid = row.flag(2)});
                }));
            return {};
        }));
        return found;
    }

private:
    std::unique_ptr<Connection> connection_;
    bool amcheck_ = false;
};

}  // namespace
}  // namespace godwit::store::postgres

namespace godwit::store {

Result<std::unique_ptr<Inspection>> inspect_postgres(const PostgresOptions& options) {
    using postgres::Connection;
    auto inspection = std::make_unique<postgres::PostgresInspection>(TRY(Connection::open(Connection::settings_of(options))));
    TRY(inspection->open());
    return inspection;
}

}  // namespace godwit::store
