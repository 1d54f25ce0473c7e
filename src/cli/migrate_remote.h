// Migrations of a running server, by its MigrationService: the files are read here, their records sent there.
#pragma once

#include <memory>
#include <string>

#include "cli/migrate_target.h"

namespace godwit::cli {

struct ServerPlace {
    std::string url;
    std::string token_file;
    std::string ca_file;  ///< "": the system's authorities
};

/// Errors: invalid_argument (no such file, no URL). Nothing is asked yet.
Result<std::unique_ptr<MigrateTarget>> remote_target(const ServerPlace& place);

}  // namespace godwit::cli
