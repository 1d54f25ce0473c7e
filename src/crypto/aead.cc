#include "crypto/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>

namespace godwit::crypto {
namespace {

constexpr std::size_t kBlock = 16;
using Block = std::array<unsigned char, kBlock>;
using Key = std::array<unsigned char, kAeadKeySize>;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const EVP_CIPHER* fetch(const char* name) {
    const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    if (!cipher) std::abort();
    return cipher;
}
const EVP_CIPHER* aes_ecb() {
    static const EVP_CIPHER* const cipher = fetch("AES-256-ECB");
    return cipher;
}
const EVP_CIPHER* aes_gcm() {
    static const EVP_CIPHER* const cipher = fetch("AES-256-GCM");
    return cipher;
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
int length(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max() - 64)) std::abort();
    return static_cast<int>(text.size());
}

Block encrypt_block(EVP_CIPHER_CTX* aes, const Block& in) {
    Block out{};
    int size = 0;
    if (EVP_EncryptUpdate(aes, out.data(), &size, in.data(), kBlock) != 1 || size != kBlock) std::abort();
    return out;
}

/// The key for a nonce's first half; the second half is the nonce of AES-GCM.
Key derive_key(std::string_view key, std::string_view nonce) {
    if (key.size() != kAeadKeySize || nonce.size() != kAeadNonceSize) std::abort();
    const Context aes(EVP_CIPHER_CTX_new());
    if (!aes || EVP_EncryptInit_ex2(aes.get(), aes_ecb(), bytes(key), nullptr, nullptr) != 1) std::abort();
    EVP_CIPHER_CTX_set_padding(aes.get(), 0);
    // L = AES-256(0); K1 = L << 1, with 0x87 added when a bit falls out (the subkey of CMAC).
    Block k1 = encrypt_block(aes.get(), Block{});
    const bool carry = (k1[0] & 0x80) != 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const int next = i + 1 < kBlock ? k1.at(i + 1) >> 7 : 0;
        k1.at(i) = static_cast<unsigned char>((k1.at(i) << 1) | next);
    }
    if (carry) k1[kBlock - 1] ^= 0x87;
    // M1 = 0x00 0x01 'X' 0x00 ‖ nonce[:12], M2 the same with 0x02; the key is AES(M1 ⊕ K1) ‖ AES(M2 ⊕ K1).
    Key derived{};
    for (unsigned char half = 0; half < 2; ++half) {
        Block m = {0, static_cast<unsigned char>(half + 1), 'X', 0};
        for (std::size_t i = 0; i < 12; ++i) m.at(4 + i) = bytes(nonce)[i];
        for (std::size_t i = 0; i < kBlock; ++i) m.at(i) ^= k1.at(i);
        const Block out = encrypt_block(aes.get(), m);
        for (std::size_t i = 0; i < kBlock; ++i) derived.at(half * kBlock + i) = out.at(i);
    }
    OPENSSL_cleanse(k1.data(), k1.size());
    return derived;
}

}  // namespace

std::string aead_encrypt(std::string_view key, std::string_view nonce, std::string_view plaintext, std::string_view additional_data) {
    Key derived = derive_key(key, nonce);
    const Context gcm(EVP_CIPHER_CTX_new());
    std::string out(plaintext.size() + kAeadTagSize, '\0');
    auto* const target = reinterpret_cast<unsigned char*>(out.data());
    int size = 0;
    int rest = 0;
    const bool ok = gcm && EVP_EncryptInit_ex2(gcm.get(), aes_gcm(), derived.data(), bytes(nonce.substr(12)), nullptr) == 1 &&
                    EVP_EncryptUpdate(gcm.get(), nullptr, &size, bytes(additional_data), length(additional_data)) == 1 &&
                    EVP_EncryptUpdate(gcm.get(), target, &size, bytes(plaintext), length(plaintext)) == 1 &&
                    EVP_EncryptFinal_ex(gcm.get(), target + size, &rest) == 1 &&
                    EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, target + plaintext.size()) == 1;
    OPENSSL_cleanse(derived.data(), derived.size());
    if (!ok) std::abort();  // out of memory
    return out;
}

std::optional<std::string> aead_decrypt(std::string_view key, std::string_view nonce, std::string_view ciphertext,
                                        std::string_view additional_data) {
    if (nonce.size() != kAeadNonceSize || ciphertext.size() < kAeadTagSize) return std::nullopt;
    Key derived = derive_key(key, nonce);
    const Context gcm(EVP_CIPHER_CTX_new());
    const std::string_view body = ciphertext.substr(0, ciphertext.size() - kAeadTagSize);
    std::string tag(ciphertext.substr(body.size()));
    std::string out(body.size(), '\0');
    auto* const target = reinterpret_cast<unsigned char*>(out.data());
    int size = 0;
    int rest = 0;
    const bool ok = gcm && EVP_DecryptInit_ex2(gcm.get(), aes_gcm(), derived.data(), bytes(nonce.substr(12)), nullptr) == 1 &&
                    EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data()) == 1 &&
                    EVP_DecryptUpdate(gcm.get(), nullptr, &size, bytes(additional_data), length(additional_data)) == 1 &&
                    EVP_DecryptUpdate(gcm.get(), target, &size, bytes(body), length(body)) == 1 &&
                    EVP_DecryptFinal_ex(gcm.get(), target + size, &rest) == 1;
    OPENSSL_cleanse(derived.data(), derived.size());
    if (!ok) {
        OPENSSL_cleanse(out.data(), out.size());
        return std::nullopt;
    }
    return out;
}

}  // namespace godwit::crypto
