#include "base/wiped_memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace godwit {

void free_wiped(void* memory) noexcept {
    if (!memory) return;
    explicit_bzero(memory, malloc_usable_size(memory));
    std::free(memory);
}

void* realloc_wiped(void* memory, std::size_t bytes) noexcept {
    if (!memory) return std::malloc(bytes);
    const std::size_t before = malloc_usable_size(memory);
    if (bytes > 0 && bytes <= before) return memory;  // std::realloc could move it, and leave the old place as it is
    void* const moved = std::malloc(bytes);
    if (!moved) return nullptr;
    std::memcpy(moved, memory, std::min(before, bytes));
    free_wiped(memory);
    return moved;
}

[[gnu::noinline]] void wipe_stack() noexcept {
    char below[64 << 10];
    explicit_bzero(below, sizeof below);
}

}  // namespace godwit

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GODWIT_SANITIZED 1
#endif
#endif
#if !defined(GODWIT_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// The forms for arrays and with sizes lead to these in libstdc++ (C++ standard, [new.delete]).
void* operator new(std::size_t bytes) {
    if (void* const memory = std::malloc(std::max<std::size_t>(bytes, 1))) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    const auto align = std::max(static_cast<std::size_t>(alignment), sizeof(void*));
    void* memory = nullptr;
    if (posix_memalign(&memory, align, std::max<std::size_t>(bytes, 1)) == 0) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { godwit::free_wiped(memory); }
void operator delete(void* memory, std::size_t) noexcept { godwit::free_wiped(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { godwit::free_wiped(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { godwit::free_wiped(memory); }

#endif
