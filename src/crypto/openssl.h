// What the .cc files of this folder share of OpenSSL. Not for other folders.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include "crypto/keys.h"

namespace godwit::crypto::detail {

template <auto Function>
struct Free {
    template <class T>
    void operator()(T* pointer) const {
        Function(pointer);
    }
};
using UniquePkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using UniquePkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using UniqueMdContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using UniqueBio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using UniqueBignum = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;

struct Pkey {
    UniquePkey key;
    KeyType type;
};

inline const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// Coordinate size of the curves, 0 for RSA.
std::size_t coordinate_size(KeyType type);

/// Checks type and size of a key that came from outside.
Result<std::shared_ptr<const Pkey>> adopt(UniquePkey key);

Result<UniquePkey> parse_public_der(std::string_view der);
Result<UniquePkey> parse_private_der(std::string_view der);
/// The bytes of the first PEM block. InvalidArgument when there is none or it is encrypted.
Result<std::string> decode_pem(std::string_view pem);
std::string encode_pem(std::string_view label, std::string_view der);

}  // namespace godwit::crypto::detail
