#include "app/database.h"

#include <filesystem>

#include "base/log.h"
#include "store/claims.h"
#include "store/initial_load.h"
#include "store/postgres/sole_use.h"

namespace godwit::app {
namespace {

/// A libpq connection string (values quoted as its manual has it).
std::string connection_string(const config::Postgres& postgres) {
    if (!postgres.dsn.empty()) return std::string(postgres.dsn.reveal());
    std::string out;
    const auto add = [&out](std::string_view key, std::string_view value) {
        if (value.empty()) return;
        out += std::string(key) + "='";
        for (const char c : value) {
            if (c == '\'' || c == '\\') out += '\\';
            out += c;
        }
        out += "' ";
    };
    add("host", postgres.host);
    add("port", std::to_string(postgres.port));
    add("dbname", postgres.database);
    add("user", postgres.user.username);
    add("password", postgres.user.password.reveal());
    add("sslmode", postgres.user.ssl.mode);
    add("sslrootcert", postgres.user.ssl.root_cert);
    add("sslcert", postgres.user.ssl.cert);
    add("sslkey", postgres.user.ssl.key);
    add("options", postgres.options);
    add("application_name", "godwit");
    return out;
}

Result<void> end_interrupted_load(store::Store& store) {
    if (!TRY(store::in_initial_load(store))) return {};
    log::warn("a load of many users was interrupted; building the indexes it left out, before anything is served");
    TRY(store::end_initial_load(store, [](std::size_t built, std::size_t of) { log::info("indexes", {{"built", built}, {"of", of}}); }));
    return {};
}

}  // namespace

store::PostgresOptions postgres_options(const config::Postgres& postgres) {
    store::PostgresOptions options;
    options.max_connections = static_cast<std::size_t>(postgres.max_open_conns);
    options.connection = connection_string(postgres);
    return options;
}

Result<std::unique_ptr<store::Store>> open_store(const config::Config& config, const Clock& clock) {
    const config::Postgres& postgres = config.postgres;
    if (!postgres.configured()) {
        std::error_code error;
        std::filesystem::create_directories(config.godwit.data_dir, error);
        if (error)
            return fail(Code::failed_precondition, "APP-Dat01",
                        "the data folder " + config.godwit.data_dir + " cannot be made: " + error.message());
        auto store = TRY(store::open_sqlite({.directory = config.godwit.data_dir}, clock));
        TRY(end_interrupted_load(*store));
        return store::claiming(std::move(store));
    }
    auto store = TRY(store::open_postgres(postgres_options(postgres), clock));
    if (TRY(store::in_initial_load(*store))) {
        // Of nodes that start together one builds the indexes.
        const auto others_wait = TRY(store::postgres::SoleUse::take(postgres_options(postgres)));
        TRY(end_interrupted_load(*store));
    }
    return store::claiming(std::move(store));
}

Result<std::unique_ptr<store::Store>> open_existing_store(const config::Config& config, const Clock& clock) {
    TRY(inspect_store(config));
    return open_store(config, clock);
}

Result<std::unique_ptr<store::Inspection>> inspect_store(const config::Config& config) {
    if (config.postgres.configured()) return store::inspect_postgres(postgres_options(config.postgres));
    return store::inspect_sqlite(config.godwit.data_dir);
}

}  // namespace godwit::app
