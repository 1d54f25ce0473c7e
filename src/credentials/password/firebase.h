// Firebase Authentication's scrypt: the scrypt key encrypts the project's signer key, and the ciphertext is the hash.
// Source: github.com/firebase/scrypt, README.
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

struct Firebase {
    std::uint64_t mem_cost = 0;  ///< N = 2^mem_cost
    std::uint64_t rounds = 0;    ///< r
    std::uint64_t parallelism = 1;
    std::string salt;
    std::string separator;
    std::string signer_key;        ///< in the clear, as foreign encodings have it; else empty and
    std::string signer_key_token;  ///< a secret's token, as ours have it: the key's base64 text
    std::string expected;
};

/// "$godwit-firebase$n=14,r=8,p=1,ss=<b64>,sk=<token>$<salt>$<hash>". The signer key is the whole project's secret: only its token is
/// stored.
std::string encode_firebase(const Firebase& parameters);

}  // namespace godwit::password
