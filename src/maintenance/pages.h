// Reading long tables in pieces, so that neither engine holds one in memory whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/database_name.h"
#include "store/inspection.h"

namespace godwit::maintenance {

inline constexpr int kPage = 5'000;

Result<std::vector<InstanceScope>> all_instances(store::Inspection& inspection);

/// Rows of one instance in the order of their `id`, which is the first column: SELECT id, <columns> FROM <table>. Returns how many.
Result<std::int64_t> each_row(store::Reader& db, InstanceScope scope, std::string_view table, std::string_view columns,
                              const store::RowFn& on_row);

}  // namespace godwit::maintenance
