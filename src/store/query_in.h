// SELECT … AND column IN (…) for as many values as there are.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace godwit::store {

/// `select` ends with the column; `fixed` are ?2 …; `all` is a vector or span of what a Value takes. Pieces of 500, which share one
/// prepared statement.
template <class Values>
Result<void> query_in(Reader& db, InstanceScope instance, std::string_view select, std::initializer_list<Value> fixed, const Values& all,
                      const RowFn& on_row) {
    constexpr std::size_t kPiece = 500;
    std::span values(all);
    while (!values.empty()) {
        const auto piece = values.first(std::min(kPiece, values.size()));
        std::vector<Value> parameters(fixed);
        std::string sql = std::string(select) + " IN (";
        for (const auto& value : piece) {
            if (parameters.size() > fixed.size()) sql += ", ";
            sql += "?" + std::to_string(parameters.size() + 2);
            parameters.emplace_back(value);
        }
        TRY(db.query(instance, sql + ")", std::span<const Value>(parameters), on_row));
        values = values.subspan(piece.size());
    }
    return {};
}

}  // namespace godwit::store
