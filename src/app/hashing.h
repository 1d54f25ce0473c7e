// The configured password hasher, from the configuration's words.
#pragma once

#include "app/config/config.h"
#include "base/result.h"
#include "credentials/password/hasher.h"

namespace godwit::app {

/// invalid_argument, naming the key, for a cost or digest that does not exist.
Result<password::HasherConfig> hasher_config(const config::Hasher& wanted);

}  // namespace godwit::app
