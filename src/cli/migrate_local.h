// Migrations on the databases themselves.
#pragma once

#include <memory>

#include "app/migrations.h"
#include "cli/migrate_target.h"

namespace godwit::cli {

std::unique_ptr<MigrateTarget> local_target(std::unique_ptr<app::LocalMigrations> migrations);

}  // namespace godwit::cli
