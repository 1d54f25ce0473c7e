// "{userName}@{realm}": how a job makes login names that are unique here of ones that were unique there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::migration {

/// Each {name} replaced by its value; "{{" is a brace. invalid_argument MIGRATE-Tpl01 for a name that has no value (then it says which
/// there are) and for a brace that is not closed.
Result<std::string> fill_template(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace godwit::migration
