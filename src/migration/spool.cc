#include "migration/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "transport/http/message.h"

namespace godwit::migration {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

/// A line in the log each time this much has come.
constexpr std::uint64_t kReportBytes = 256u << 20;

}  // namespace

Spool::Spool(Spool&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

Spool& Spool::operator=(Spool&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(size_, other.size_);
    return *this;
}

Spool::~Spool() {
    if (fd_ >= 0) ::close(fd_);
}

Result<Spool> Spool::create(const std::string& directory) {
    (void)::mkdir(directory.c_str(), 0700);
    int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {  // a file system without nameless files
        std::string name = directory + "/import-XXXXXX";
        fd = ::mkostemp(name.data(), O_CLOEXEC);
        if (fd >= 0) ::unlink(name.c_str());
    }
    if (fd < 0) return fail(Code::unavailable, "IMPORT-Sp1", "cannot spool into " + directory + ": " + reason(errno));
    return Spool(fd);
}

Result<void> Spool::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const Code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? Code::resource_exhausted : Code::unavailable;
            return fail(code, "IMPORT-Sp2", "cannot spool the import: " + reason(errno));
        }
        size_ += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<Spool> spool_body(http::BodyStream& body, const std::string& directory, std::uint64_t max_bytes) {
    Spool spool = TRY(Spool::create(directory));
    std::uint64_t next_report = kReportBytes;
    for (;;) {
        const std::string piece = TRY(body.read());
        if (piece.empty()) return spool;
        if (piece.size() > max_bytes - spool.size())
            return fail(Code::resource_exhausted, "IMPORT-Sp3",
                        "the import is larger than " + std::to_string(max_bytes) + " bytes, the configured limit; send it in parts");
        TRY(spool.append(piece));
        if (spool.size() < next_report) continue;
        log::info("import: receiving", {{"mebibytes", spool.size() >> 20}});
        next_report += kReportBytes;
    }
}

}  // namespace godwit::migration
