// What an Inspection looks at, as a Store: for verbs that ask the rooms of the directory and change nothing.
#pragma once

#include <memory>

#include "store/inspection.h"
#include "store/store.h"

namespace godwit::maintenance {

/// Used by one thread; a server may be running on the databases. write() answers failed_precondition STORE-readonly. Errors: those of
/// store::schema::check_readable.
Result<std::unique_ptr<store::Store>> open_to_read(std::unique_ptr<store::Inspection> inspection);

}  // namespace godwit::maintenance
