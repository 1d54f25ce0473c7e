// The databases as operators call them: in messages, logs, metrics and reports.
#pragma once

#include <string_view>

#include "store/store.h"

namespace godwit::store {

constexpr std::string_view name_of(Database database) { return database == Database::directory ? "directory" : "runtime"; }

}  // namespace godwit::store
