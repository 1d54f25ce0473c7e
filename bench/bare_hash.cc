// Yardstick of bench/logins.py: argon2id on every core, nothing else. usage: bench_bare_hash KIB PASSES SECONDS; prints hashes/s.
#include <argon2.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kBlock = 64u << 20;
thread_local void* memory = nullptr;

// Memory is mapped once a thread, on huge pages where there are any: what is measured is hashing, not page faults.
int take(std::uint8_t** out, std::size_t bytes) {
    if (memory == nullptr) {
        memory = mmap(nullptr, kBlock, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        madvise(memory, kBlock, MADV_HUGEPAGE);
    }
    *out = bytes <= kBlock ? static_cast<std::uint8_t*>(memory) : nullptr;
    return *out == nullptr ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK;
}
void give_back(std::uint8_t*, std::size_t) {}

void hash_once(std::uint32_t kib, std::uint32_t passes) {
    std::array<std::uint8_t, 32> out{};
    std::array<std::uint8_t, 10> password{'P', 'a', 's', 's', 'w', 'o', 'r', 'd', '1', '!'};
    std::array<std::uint8_t, 16> salt{};
    argon2_context context{};
    context.out = out.data();
    context.outlen = out.size();
    context.pwd = password.data();
    context.pwdlen = password.size();
    context.salt = salt.data();
    context.saltlen = salt.size();
    context.t_cost = passes;
    context.m_cost = kib;
    context.lanes = context.threads = 1;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = take;
    context.free_cbk = give_back;
    if (argon2id_ctx(&context) != ARGON2_OK) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: bench_bare_hash KIB PASSES SECONDS\n");
        return 2;
    }
    const auto kib = static_cast<std::uint32_t>(std::atoi(argv[1])), passes = static_cast<std::uint32_t>(std::atoi(argv[2]));
    const auto start = std::chrono::steady_clock::now();
    const auto end = start + std::chrono::seconds(std::atoi(argv[3]));
    std::atomic<long> count = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            threads.emplace_back([&] {
                for (; std::chrono::steady_clock::now() < end; ++count) hash_once(kib, passes);
            });
        }
    }
    std::printf("%.1f\n", static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}
