// The people and machines of a first start.
#pragma once

#include <string>

#include "app/config/config.h"
#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
struct Editor;
}

namespace godwit::app {

struct Services;

/// Makes the administrator, the machine user and the login client that the configuration asks for, with their rights; writes their tokens
/// and keys to files. What exists already (an interrupted first start) is kept, secrets are made anew. Answers what to tell the
/// operator. Errors: failed_precondition APP-Fil01 when a file cannot be written.
Result<std::string> make_first_users(Services& services, const config::Config& config, const OrgScope& org, const store::Editor& editor);

}  // namespace godwit::app
