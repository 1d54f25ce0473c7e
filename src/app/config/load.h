// Files and environment to a Config.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "base/result.h"

namespace godwit::config {

/// Something an operator should know and that stops nothing: a key that is not known or not used.
struct Notice {
    std::string where;  ///< "godwit.yaml:12" or the name of an environment variable
    std::string message;
    friend bool operator==(const Notice&, const Notice&) = default;
};

struct Source {
    std::string name;  ///< for messages: the file's path
    std::string yaml;
    bool steps = false;  ///< a --steps file: only FirstInstance is taken
};

struct Loaded {
    Config config;
    std::set<std::string> given;  ///< paths that a file or the environment set
    std::vector<Notice> notices;
};

/// The defaults, then each source in order, then the environment ("NAME=value"; GODWIT_… wins over ZITADEL_…). Keys match
/// without case. InvalidArgument with every mistake on its own line: `file:line: Key: expected …`.
Result<Loaded> load(std::span<const Source> sources, std::span<const std::string> environment);

/// The same from files; InvalidArgument also when one cannot be read or is larger than 1 MiB.
Result<Loaded> load_files(std::span<const std::string> config_files, std::span<const std::string> steps_files,
                          std::span<const std::string> environment);

/// The process's environment as load() takes it.
std::vector<std::string> process_environment();

}  // namespace godwit::config
