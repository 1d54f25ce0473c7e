// XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived for each 24-byte nonce. Random nonces stay safe for
// 2^80 messages of one key, where plain AES-GCM with 12 random bytes should stop at 2^32, a number tokens can reach.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::crypto {

inline constexpr std::size_t kAeadKeySize = 32;
inline constexpr std::size_t kAeadNonceSize = 24;
inline constexpr std::size_t kAeadTagSize = 16;

/// ciphertext ‖ tag. A nonce must not repeat under one key: use random_bytes. Aborts when a size is wrong.
std::string aead_encrypt(std::string_view key, std::string_view nonce, std::string_view plaintext, std::string_view additional_data);

/// nullopt when anything (key, nonce, additional data, a bit of the ciphertext) is not what it was.
std::optional<std::string> aead_decrypt(std::string_view key, std::string_view nonce, std::string_view ciphertext,
                                        std::string_view additional_data);

}  // namespace godwit::crypto
