#include "crypto/memory.h"

#include <openssl/crypto.h>

#include <cstdlib>

#include "base/wiped_memory.h"

namespace godwit::crypto {

void wipe_freed_memory() {
    const int taken = CRYPTO_set_mem_functions([](std::size_t bytes, const char*, int) { return std::malloc(bytes); },
                                               [](void* memory, std::size_t bytes, const char*, int) -> void* {
                                                   if (bytes > 0) return realloc_wiped(memory, bytes);
                                                   free_wiped(memory);
                                                   return nullptr;
                                               },
                                               [](void* memory, const char*, int) { free_wiped(memory); });
    if (taken != 1) std::abort();
}

}  // namespace godwit::crypto
