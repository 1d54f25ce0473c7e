#include "maintenance/pages.h"

namespace godwit::maintenance {

Result<std::vector<InstanceScope>> all_instances(store::Inspection& inspection) {
    std::vector<InstanceScope> scopes;
    TRY(inspection.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        TRY(db.system_query("SELECT instance_no FROM instances ORDER BY instance_no", {}, [&](const store::Row& row) {
            scopes.push_back(InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))}));
        }));
        return {};
    }));
    return scopes;
}

Result<std::int64_t> each_row(store::Reader& db, InstanceScope scope, std::string_view table, std::string_view columns,
                              const store::RowFn& on_row) {
    const std::string sql = "SELECT id, " + std::string(columns) + " FROM " + std::string(table) +
                            " WHERE instance_no = ?1 AND id > ?2 ORDER BY id LIMIT " + std::to_string(kPage);
    std::int64_t total = 0;
    for (std::int64_t last = 0;;) {
        const auto rows = TRY(db.query(scope, sql, {last}, [&](const store::Row& row) {
            last = row.i64(0);
            on_row(row);
        }));
        total += rows;
        if (rows < kPage) return total;
    }
}

}  // namespace godwit::maintenance
