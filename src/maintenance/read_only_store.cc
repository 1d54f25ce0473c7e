#include "maintenance/read_only_store.h"

#include <optional>

#include "store/schema/upgrade.h"

namespace godwit::maintenance {
namespace {

using store::Database;

class ReadOnlyStore final : public store::Store {
public:
    explicit ReadOnlyStore(std::unique_ptr<store::Inspection> inspection) : inspection_(std::move(inspection)) {}

    bool writers_waiting(Database) const override { return false; }
    Result<void> ping() override { return {}; }
    std::string_view engine() const override { return inspection_->engine(); }

private:
    Result<void> run_read(Database database, const std::function<Result<void>(store::Reader&)>& fn) override {
        return inspection_->read(database, fn);
    }
    Result<void> run_write(Database, bool, const std::function<Result<void>(store::Writer&)>&) override {
        return fail(Code::failed_precondition, "STORE-readonly", "this command only reads the database");
    }

    const std::unique_ptr<store::Inspection> inspection_;
};

Result<std::optional<store::schema::State>> read_state(store::Reader& db) {
    std::optional<store::schema::State> state;
    TRY(db.system_query(
        "SELECT version, min_reader, min_writer FROM schema_state WHERE component = 'schema'", {}, [&](const store::Row& row) {
            state = store::schema::State{static_cast<int>(row.i64(0)), static_cast<int>(row.i64(1)), static_cast<int>(row.i64(2))};
        }));
    return state;
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_to_read(std::unique_ptr<store::Inspection> inspection) {
    std::unique_ptr<store::Store> store = std::make_unique<ReadOnlyStore>(std::move(inspection));
    for (const Database database : {Database::directory, Database::runtime})
        TRY(store::schema::check_readable(database, store::schema::versions(database), TRY(store->read(database, read_state))));
    return store;
}

}  // namespace godwit::maintenance
