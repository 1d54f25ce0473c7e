// The embedded engine: two SQLite files of one data directory.
#pragma once

#include <memory>
#include <span>

#include "store/schema/versions.h"
#include "store/store.h"

namespace godwit::store::sqlite {

/// What tests vary: the schema versions the program is to know, and how long the log grows.
struct Tuning {
    std::span<const schema::Version> directory_versions = schema::versions(Database::directory);
    std::span<const schema::Version> runtime_versions = schema::versions(Database::runtime);
    int checkpoint_pages = 20'000;
};

/// See open_sqlite in store/store.h.
Result<std::unique_ptr<Store>> open(const SqliteOptions& options, const Clock& clock, const Tuning& tuning = {});

}  // namespace godwit::store::sqlite
