#include "crypto/running_digest.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace godwit::crypto {

struct RunningSha256::Context {
    EVP_MD_CTX* openssl = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(openssl); }
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
    if (context_->openssl == nullptr || EVP_DigestInit_ex(context_->openssl, EVP_sha256(), nullptr) != 1) std::abort();
}
RunningSha256::~RunningSha256() = default;

void RunningSha256::add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->openssl, bytes.data(), bytes.size()) != 1) std::abort();
}

std::string RunningSha256::finish() {
    std::string out(32, '\0');
    if (EVP_DigestFinal_ex(context_->openssl, reinterpret_cast<unsigned char*>(out.data()), nullptr) != 1) std::abort();
    return out;
}

}  // namespace godwit::crypto
