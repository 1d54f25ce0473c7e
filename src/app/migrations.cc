#include "app/migrations.h"

#include "app/database.h"
#include "app/hashing.h"
#include "app/services.h"
#include "maintenance/read_only_store.h"
#include "migration/engine/organization.h"
#include "store/postgres/sole_use.h"

namespace godwit::app {

migration::RunParts run_parts(Services& services, std::string scratch) {
    return {.store = services.store,
            .clock = services.clock,
            .orgs = services.orgs,
            .users = services.users,
            .passwords = *services.password_check,
            .sealers = services.sealers,
            .scratch = std::move(scratch)};
}

struct LocalMigrations::Impl {
    SystemClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Services> services;
    std::unique_ptr<migration::Jobs> jobs;
    std::optional<migration::RunParts> parts;
    std::optional<InstanceScope> instance;
};

LocalMigrations::LocalMigrations(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalMigrations::~LocalMigrations() = default;

Result<std::unique_ptr<LocalMigrations>> LocalMigrations::open(const config::Config& config, const crypto::MasterKey& key,
                                                               std::string_view host, For purpose) {
    auto impl = std::make_unique<Impl>();
    impl->store = purpose == For::looking ? TRY(maintenance::open_to_read(TRY(inspect_store(config))))
                                          : TRY(open_existing_store(config, impl->clock));
    ServiceSetup setup{.external = {.secure = config.external_secure, .port = config.external_port},
                       .hasher = TRY(hasher_config(config.system_defaults.hasher)),
                       .verifier = {},
                       .lifetimes = {}};
    setup.verifier.forbidden = config.system_defaults.forbidden;
    impl->services = TRY(Services::build(*impl->store, impl->clock, key, setup));
    TRY(impl->services->sealers.check_master_key());
    const auto all = TRY(impl->services->instances.all());
    if (all.empty())
        return fail(Code::failed_precondition, "APP-Mig01", "there is no instance in the database yet: start `godwit serve` once");
    if (!host.empty()) {
        const auto found = TRY(impl->services->instances.find_by_host(host));
        if (!found) return fail(Code::invalid_argument, "APP-Mig02", "no instance answers on the host \"" + std::string(host) + "\"");
        impl->instance = found->scope;
    } else if (all.size() == 1) {
        impl->instance = all.front();
    } else {
        return fail(Code::invalid_argument, "APP-Mig03", "there are " + std::to_string(all.size()) + " instances: say which by --host");
    }
    impl->jobs = std::make_unique<migration::Jobs>(*impl->store);
    impl->parts.emplace(run_parts(*impl->services, config.godwit.data_dir + "/spool"));
    impl->parts->sole_use = [postgres = config.postgres]() -> Result<std::shared_ptr<void>> {
        if (!postgres.configured()) return std::make_shared<int>();  // the embedded store's files are locked
        auto taken = TRY(store::postgres::SoleUse::try_take(postgres_options(postgres)));
        return taken ? std::make_shared<store::postgres::SoleUse>(*std::move(taken)) : std::shared_ptr<void>();
    };
    return std::unique_ptr<LocalMigrations>(new LocalMigrations(std::move(impl)));
}

InstanceScope LocalMigrations::instance() const { return *impl_->instance; }
migration::Jobs& LocalMigrations::jobs() { return *impl_->jobs; }
const migration::RunParts& LocalMigrations::parts() const { return *impl_->parts; }

}  // namespace godwit::app
