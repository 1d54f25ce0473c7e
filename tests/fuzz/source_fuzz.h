// A source of migrations over a file of any bytes: opened, read to its end, each record mapped.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "migration/sources/source.h"

namespace godwit::fuzz {

/// A file in memory, with a path.
class MemoryFile {
public:
    MemoryFile(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("source", MFD_CLOEXEC)) {
        if (fd_ < 0 || ::write(fd_, data, size) != static_cast<ssize_t>(size)) std::abort();
    }
    ~MemoryFile() { ::close(fd_); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

/// What must hold of every source: records count up, each mapped one has a source id, and mapping is the same each time.
inline void run_source(const migration::SourceKind& kind, migration::SourceOptions options) {
    auto source = kind.open(options);
    if (!source) return;
    migration::RawRecord raw;
    for (std::uint64_t due = 1;; ++due) {
        const auto more = (*source)->next(raw);
        if (!more || !*more) break;
        if (raw.number != due) std::abort();
        const auto record = (*source)->map(raw), again = (*source)->map(raw);
        if (record.has_value() != again.has_value()) std::abort();
        (void)(*source)->id_of(raw);
        if (!record) continue;
        if (record->source_id().empty() || record->origin().record() != due) std::abort();
        if (record->ByteSizeLong() != again->ByteSizeLong()) std::abort();
    }
    (void)(*source)->warnings();
    (void)(*source)->others();
}

}  // namespace godwit::fuzz
