// A pepper of the legacy system around any other scheme (Devise, peppered bcrypt): joined to the password before it is hashed.
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

/// "$godwit-pepper$at=suffix,pepper=<token>$<inner encoding>".
std::string encode_peppered(bool suffix, std::string_view pepper_token, std::string_view inner);

}  // namespace godwit::password
