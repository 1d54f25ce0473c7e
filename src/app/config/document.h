// The configuration written out: as YAML for `godwit config`, as Markdown for docs/configuration.md.
#pragma once

#include <string>

#include "app/config/config.h"

namespace godwit::config {

/// Every key with its value, in the order of the table, as YAML that load() reads; secrets that are set are "********".
std::string effective_yaml(const Config& config);

/// docs/configuration.md.
std::string reference_markdown();

}  // namespace godwit::config
