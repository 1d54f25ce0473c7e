#include "store/inspection.h"

#include <unistd.h>

#include <array>

#include "store/sqlite/connection.h"
#include "store/sqlite/transaction.h"

namespace godwit::store::sqlite {
namespace {

constexpr InstanceNo kSystem{0};

class SqliteInspection final : public Inspection {
public:
    explicit SqliteInspection(std::array<std::unique_ptr<Connection>, 2> files) : files_(std::move(files)) {}

    std::string_view engine() const override { return "sqlite"; }
    bool checks_itself() const override { return true; }

    Result<void> read(Database database, const std::function<Result<void>(Reader&)>& fn) override {
        Connection& file = of(database);
        TRY(file.run("BEGIN"));
        SqliteReader reader(file);
        auto outcome = fn(reader);
        if (file.in_transaction()) {
            if (auto ended = file.run("COMMIT"); !ended && outcome) outcome = ended;
        }
        return outcome;
    }

    Result<std::vector<std::string>> check_engine(Database database) override {
        std::vector<std::string> found;
        const auto checked =
            of(database).query(kSystem, false, "PRAGMA integrity_check(20)", {}, [&](const Row& row) { found.emplace_back(row.text(0)); });
        // A page so broken that the check itself stumbles is a finding, too.
        if (!checked && checked.error().code == Code::data_loss) return std::vector{checked.error().message};
        if (!checked) return std::unexpected(checked.error());
        if (found == std::vector<std::string>{"ok"}) found.clear();
        return found;
    }

    Result<std::vector<Object>> objects(Database database) override {
        std::vector<Object> found;
        TRY(of(database).query(
            kSystem, false, "SELECT name, type = 'index', COALESCE(sql LIKE 'CREATE UNIQUE %', 0) FROM sqlite_schema", {},
            [&](const Row& row) { found.push_back({.name = std::string(row.text(0)), .index = row.flag(1), .unique = row.flag(2)}); }));
        return found;
    }

private:
    Connection& of(Database database) { return *files_[database == Database::directory ? 0 : 1]; }

    std::array<std::unique_ptr<Connection>, 2> files_;
};

}  // namespace
}  // namespace godwit::store::sqlite

namespace godwit::store {

Result<std::unique_ptr<Inspection>> inspect_sqlite(const std::string& directory) {
    std::array<std::unique_ptr<sqlite::Connection>, 2> files;
    for (const std::size_t i : {0, 1}) {
        const std::string path = directory + (i == 0 ? "/directory.db" : "/runtime.db");
        if (::access(path.c_str(), F_OK) != 0)
            return fail(Code::not_found, "STORE-none", "there is no database at " + path + "; name the data folder with --data");
        files[i] = TRY(sqlite::Connection::open({.path = path, .cache_kib = 32'000, .writable = false}));
    }
    return std::make_unique<sqlite::SqliteInspection>(std::move(files));
}

}  // namespace godwit::store
