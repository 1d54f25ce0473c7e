// Memory that is overwritten when it is given back. A password passes through a dozen strings, parsers and messages on its way to the
// hash; wiping each by hand would be forgotten somewhere, so all of them are wiped where they all end: this file replaces the program's
// operator new and delete (not under sanitizers, which bring their own). Secret (secret.h) is for what is kept.
//
// Not covered: memory of C libraries, unless they are given the functions below; what a thread's stack held, see wipe_stack().
#pragma once

#include <cstddef>

namespace godwit {

/// For libraries that let their allocator be replaced; the counterpart of std::malloc.
void free_wiped(void* memory) noexcept;
void* realloc_wiped(void* memory, std::size_t bytes) noexcept;

/// Overwrites what functions that have returned left on this thread's stack (the next 64 KiB): strings of up to 15 characters live there.
void wipe_stack() noexcept;

}  // namespace godwit
