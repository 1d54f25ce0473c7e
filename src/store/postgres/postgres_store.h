// The scale-out engine: two schemas of a PostgreSQL database that many nodes share.
#pragma once

#include <memory>
#include <span>

#include "store/schema/versions.h"
#include "store/store.h"

namespace godwit::store::postgres {

/// The schema versions the program is to know; tests vary them.
struct Tuning {
    std::span<const schema::Version> directory_versions = schema::versions(Database::directory);
    std::span<const schema::Version> runtime_versions = schema::versions(Database::runtime);
};

/// See open_postgres in store/store.h.
Result<std::unique_ptr<Store>> open(const PostgresOptions& options, const Clock& clock, const Tuning& tuning = {});

}  // namespace godwit::store::postgres
