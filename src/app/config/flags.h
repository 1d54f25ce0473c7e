// What the command line changes in a loaded configuration, and the checks that look at more than one key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/config/load.h"

namespace godwit::config {

struct Flags {
    std::optional<std::string> tls_mode;  ///< "disabled", "external" or "enabled"
    std::optional<std::uint16_t> port;
    std::optional<std::string> data_dir;
};

/// `--tlsMode disabled`: TLS.Enabled and ExternalSecure false; `external`: a proxy does TLS, so only ExternalSecure is true;
/// `enabled`: both true. `--port` sets Port, and ExternalPort unless a file or the environment gave one. `--data` sets
/// Godwit.DataDir. InvalidArgument for another mode.
Result<void> apply_flags(Loaded& loaded, const Flags& flags);

/// InvalidArgument with every contradiction on its own line: TLS without key, a proxy that is no address, a language that is none …
Result<void> validate(const Config& config);

}  // namespace godwit::config
