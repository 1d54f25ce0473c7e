#include "app/start_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace godwit::app {

void give_back_start_pages() {
    const auto give_back = [](dl_phdr_info* object, std::size_t, void*) {
        const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
        for (int i = 0; i < object->dlpi_phnum; ++i) {
            const auto& segment = object->dlpi_phdr[i];
            // Only what is the file's own and cannot be written: a page that was changed would be lost.
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0 || (segment.p_flags & PF_W) != 0) continue;
            const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
            const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_filesz;
            (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // no harm when it is refused
        }
        return 0;
    };
    (void)dl_iterate_phdr(give_back, nullptr);
}

}  // namespace godwit::app
