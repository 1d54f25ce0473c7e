// Which column points where: the foreign keys of the schema, as data. The engines do not keep them (a bulk import would pay for every
// row), the doctor does. A test holds this list against the schema: a column that points somewhere stands in one of the two.
#pragma once

#include <span>
#include <string_view>

#include "store/store.h"

namespace godwit::maintenance {

struct Reference {
    store::Database database;
    std::string_view table;
    std::string_view column;
    std::string_view parents;  ///< tables whose `id` it may be, separated by a blank; any of them will do
    std::string_view when;     ///< condition on the row, "" for all; 0 always means "none"
    bool secret;               ///< the row is worth stealing: without its owner it belongs to the check "secrets"
};
std::span<const Reference> references();

/// Columns that look like references, and why they are none.
struct Loose {
    store::Database database;
    std::string_view table;  ///< "*": any
    std::string_view column;
    std::string_view why;
};
std::span<const Loose> loose_columns();

}  // namespace godwit::maintenance
