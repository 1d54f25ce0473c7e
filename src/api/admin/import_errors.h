// How an entry of `errors` says what was wrong: "ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::api {

/// `type` is that of the entry ("human_user"). Where the reference's key for an error is known, it stands for the sentence.
std::string import_message(std::string_view type, const Error& error);

}  // namespace godwit::api
