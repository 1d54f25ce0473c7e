// Windows' NT hash: MD4 over the password in UTF-16LE. Bare hex is also an MD5, so it is only taken when declared.
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

/// "$godwit-ntlm$<32 hex digits>".
std::string encode_ntlm(std::string_view hex);

}  // namespace godwit::password
