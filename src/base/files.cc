#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace godwit {

Result<std::string> read_small_file(const std::string& path, std::size_t most) {
    const auto refuse = [&](const std::string& why) {
        return fail(Code::invalid_argument, "FILE-read", "cannot read " + path + ": " + why);
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return refuse(std::generic_category().message(errno));
    struct Closer {
        int fd;
        ~Closer() { ::close(fd); }
    } const closer{fd};
    std::string out;
    std::vector<char> piece(16 * 1024);  // not on the stack: it may hold a password, and what is given back of the heap is wiped
    for (;;) {
        const ssize_t got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse(std::generic_category().message(errno));
        if (got == 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(got));
        if (out.size() > most) return refuse("it is longer than " + std::to_string(most) + " bytes");
    }
}

Result<std::string> read_text_file(const std::string& path) {
    std::string text = TRY(read_small_file(path));
    if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
    return text;
}

}  // namespace godwit
