// Migrations on the databases of a server that is stopped (or, with PostgreSQL, beside it): what `godwit migrate --data` runs on.
#pragma once

#include <memory>
#include <string_view>

#include "app/config/config.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sealer.h"
#include "migration/engine/jobs.h"
#include "migration/engine/run.h"

namespace godwit::app {

struct Services;

/// The engine's parts among the services; `scratch` is the folder for what a rehearsal remembers.
migration::RunParts run_parts(Services& services, std::string scratch);

class LocalMigrations {
public:
    /// Who only looks may do so beside a server or a migration that runs on the same files.
    enum class For { looking, changing };
    /// `host` says which instance, where there are several. Errors: not_found when the folder holds no database; unavailable or
    /// failed_precondition when it cannot be had (a server runs on its files, another master key), failed_precondition APP-Mig01 when no
    /// server ever set it up, invalid_argument.
    static Result<std::unique_ptr<LocalMigrations>> open(const config::Config& config, const crypto::MasterKey& key, std::string_view host,
                                                         For purpose);
    ~LocalMigrations();

    InstanceScope instance() const;
    migration::Jobs& jobs();
    const migration::RunParts& parts() const;

private:
    struct Impl;
    explicit LocalMigrations(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::app
