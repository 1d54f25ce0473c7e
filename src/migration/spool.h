// A request's body put on disk before it is read: an import may be larger than memory, and its members come in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::http {
class BodyStream;
}

namespace godwit::migration {

/// A file (mode 0600) that has no name: it goes with this object, and with the program when that dies.
class Spool {
public:
    /// In `directory`, which is made (0700) when it is not there. Errors: unavailable, naming the directory and the system's reason.
    static Result<Spool> create(const std::string& directory);
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&& other) noexcept;
    ~Spool();

    /// Error: resource_exhausted when the disk is full.
    Result<void> append(std::string_view bytes);

    int fd() const { return fd_; }
    std::uint64_t size() const { return size_; }

private:
    explicit Spool(int fd) : fd_(fd) {}
    int fd_ = -1;
    std::uint64_t size_ = 0;
};

/// Reads the body to its end. Errors: those of the stream; resource_exhausted beyond `max_bytes`; those of Spool.
Result<Spool> spool_body(http::BodyStream& body, const std::string& directory, std::uint64_t max_bytes);

}  // namespace godwit::migration
