// The one table of every key: its path, the member it fills, its unit and what it does. Loading, printing and the documentation
// are made from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/value.h"

namespace godwit::config {

struct Setting {
    std::string path;                       ///< "TLS.KeyPath"
    std::function<Target(Config&)> target;  ///< its type and, in Config{}, its default
    std::string unit;                       ///< of a number; empty when the type says it
    std::string what;                       ///< one sentence or two
    std::vector<std::string_view> choices;  ///< the values a text may have (case does not matter); empty: any
};

/// In the order of the documentation.
const std::vector<Setting>& settings();

/// The setting of that path; case does not matter, as in the reference. nullptr when there is none.
const Setting* find_setting(std::string_view path);

/// Whether `path` is the beginning of a setting's path ("TLS", "Database.postgres").
bool is_section(std::string_view path);

/// Whether the reference has keys there that mean nothing here (its projections, caches, telemetry …).
bool is_unused_section(std::string_view path);

/// The environment variables of a setting, the stronger one first: GODWIT_TLS_KEYPATH, ZITADEL_TLS_KEYPATH; our own section
/// "Godwit.…" has one, GODWIT_LIMITS_BODYBYTES.
std::vector<std::string> environment_names(const Setting& setting);

/// The path most like `path`, for "did you mean"; empty when nothing is near.
std::string nearest_path(std::string_view path);

}  // namespace godwit::config
