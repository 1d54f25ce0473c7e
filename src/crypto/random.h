// Randomness from the operating system's generator (OpenSSL's DRBG). Without it the process aborts: nothing here can fail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace godwit::crypto {

std::string random_bytes(std::size_t count);

/// `bytes` random bytes as base64url without padding (32 bytes: 43 characters).
std::string random_token(std::size_t bytes = 32);

/// `length` characters drawn evenly from `alphabet` (2 to 256 single-byte characters).
std::string random_string(std::size_t length, std::string_view alphabet);

}  // namespace godwit::crypto
