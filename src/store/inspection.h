// Looking at the two databases without lock, upgrade or a single write: beside a running server, or where none runs. For `godwit doctor`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace godwit::store {

/// Used by one thread.
class Inspection {
public:
    virtual ~Inspection() = default;

    virtual std::string_view engine() const = 0;  ///< "sqlite" or "postgres"

    /// Runs `fn` on one snapshot of the database, however long it takes. On SQLite the write-ahead log of a running server grows
    /// meanwhile; on PostgreSQL an answer is held in memory whole, so long tables are read in pages.
    virtual Result<void> read(Database database, const std::function<Result<void>(Reader&)>& fn) = 0;

    /// What the engine's own check of pages, rows and indexes finds wrong, a sentence each; empty when all is well.
    /// PostgreSQL has such a check only where the extension amcheck is installed: see checks_itself().
    virtual Result<std::vector<std::string>> check_engine(Database database) = 0;
    /// False: check_engine() had nothing to check with.
    virtual bool checks_itself() const = 0;

    struct Object {
        std::string name;
        bool index = false;   ///< else a table
        bool unique = false;  ///< a unique index
        bool valid = true;    ///< false: an index that the engine does not keep (PostgreSQL, after a failed build)
    };
    /// Every table and index there is.
    virtual Result<std::vector<Object>> objects(Database database) = 0;
};

/// Errors: not_found when the folder holds no database; failed_precondition when a file cannot be opened; unavailable when PostgreSQL is
/// out of reach.
Result<std::unique_ptr<Inspection>> inspect_sqlite(const std::string& directory);
Result<std::unique_ptr<Inspection>> inspect_postgres(const PostgresOptions& options);

}  // namespace godwit::store
