// Digests, HMAC (RFC 2104) and HKDF (RFC 5869). Raw bytes in and out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace godwit::crypto {

enum class Hash { sha1, sha256, sha384, sha512 };

std::string digest(Hash hash, std::string_view data);
inline std::string sha256(std::string_view data) { return digest(Hash::sha256, data); }

std::string hmac(Hash hash, std::string_view key, std::string_view data);
inline std::string hmac_sha256(std::string_view key, std::string_view data) { return hmac(Hash::sha256, key, data); }

/// HKDF with SHA-256: `count` bytes (at most 8,160) that depend on key, salt and label; the label keeps uses of one key apart.
Secret hkdf_sha256(std::string_view key, std::string_view salt, std::string_view label, std::size_t count);

}  // namespace godwit::crypto
