// Yardstick of bench/oidc.py: signatures on every core, nothing else. usage: bench_bare_sign RS256|ES256 SECONDS; prints signatures/s.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

// As long as the head and the claims of a token.
const std::string kText(500, 'x');

void sign_once(EVP_PKEY* key) {
    std::array<unsigned char, 512> signature{};
    std::size_t length = signature.size();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool done =
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestSign(context, signature.data(), &length, reinterpret_cast<const unsigned char*>(kText.data()), kText.size()) == 1;
    EVP_MD_CTX_free(context);
    if (!done) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || (std::strcmp(argv[1], "RS256") != 0 && std::strcmp(argv[1], "ES256") != 0)) {
        std::fprintf(stderr, "usage: bench_bare_sign RS256|ES256 SECONDS\n");
        return 2;
    }
    EVP_PKEY* key = std::strcmp(argv[1], "RS256") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    if (key == nullptr) std::abort();
    const auto start = std::chrono::steady_clock::now();
    const auto end = start + std::chrono::seconds(std::atoi(argv[2]));
    std::atomic<long> count = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            threads.emplace_back([&] {
                for (; std::chrono::steady_clock::now() < end; ++count) sign_once(key);
            });
        }
    }
    std::printf("%.0f\n", static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    EVP_PKEY_free(key);
}
