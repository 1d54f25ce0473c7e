#include "cli/configuration.h"

#include <CLI/CLI.hpp>

#include "app/config/flags.h"

namespace godwit::cli {

void ConfigurationOptions::add_to(CLI::App& verb) {
    add_database_to(verb);
    verb.add_option("--steps", steps_files, "YAML file with FirstInstance: what an empty database begins with")->type_name("FILE");
    verb.add_option("--tlsMode", tls_mode, "disabled, external (a proxy does TLS) or enabled (TLS.* name certificate and key)")
        ->type_name("MODE");
    verb.add_option("--port", port, "port to listen on, and of the public address unless ExternalPort is set");
}

Result<config::Loaded> ConfigurationOptions::load() const {
    auto loaded = TRY(config::load_files(config_files, steps_files, config::process_environment()));
    TRY(config::apply_flags(loaded, {.tls_mode = tls_mode, .port = port, .data_dir = data_dir}));
    TRY(config::validate(loaded.config));
    return loaded;
}

void ConfigurationOptions::add_database_to(CLI::App& verb) {
    verb.add_option("--config", config_files, "YAML file with settings; several: later ones win (docs/configuration.md)")
        ->type_name("FILE");
    verb.add_option("--data", data_dir, "folder of the embedded database and of spooled imports")->type_name("DIR");
}

Result<config::Config> ConfigurationOptions::load_database() const {
    auto loaded = TRY(config::load_files(config_files, steps_files, config::process_environment()));
    TRY(config::apply_flags(loaded, {.tls_mode = {}, .port = {}, .data_dir = data_dir}));
    return std::move(loaded.config);
}

}  // namespace godwit::cli
