// The options that every verb with a configuration shares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config/load.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace godwit::cli {

struct ConfigurationOptions {
    std::vector<std::string> config_files, steps_files;
    std::optional<std::string> tls_mode, data_dir;
    std::optional<std::uint16_t> port;

    void add_to(CLI::App& verb);
    /// Files, environment and flags, checked.
    Result<config::Loaded> load() const;

    /// For verbs that need to find the databases only: --config and --data; what a server would need besides is not checked.
    void add_database_to(CLI::App& verb);
    Result<config::Config> load_database() const;
};

}  // namespace godwit::cli
