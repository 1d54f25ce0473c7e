#include "crypto/running_digest.h"

#include <cstdlib>

#include "crypto/openssl.h"

namespace godwit::crypto {

struct RunningSha256::Context {
    detail::UniqueMdContext md{EVP_MD_CTX_new()};
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->md.get(), EVP_sha256(), nullptr) != 1) std::abort();
}
RunningSha256::~RunningSha256() = default;
RunningSha256::RunningSha256(RunningSha256&&) noexcept = default;
RunningSha256& RunningSha256::operator=(RunningSha256&&) noexcept = default;

void RunningSha256::add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->md.get(), bytes.data(), bytes.size()) != 1) std::abort();
}

std::string RunningSha256::value() const {
    const detail::UniqueMdContext copy(EVP_MD_CTX_new());
    std::string out(32, '\0');
    unsigned int size = 0;
    if (EVP_MD_CTX_copy_ex(copy.get(), context_->md.get()) != 1 || EVP_DigestFinal_ex(copy.get(), detail::bytes(out), &size) != 1)
        std::abort();
    return out;
}

}  // namespace godwit::crypto
