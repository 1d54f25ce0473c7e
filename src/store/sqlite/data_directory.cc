#include "store/sqlite/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace godwit::store::sqlite {

Result<DataDirectory> DataDirectory::lock(std::string path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(Code::failed_precondition, "STORE-directory", "cannot make the data directory " + path + ": " + std::strerror(errno));
    const std::string file = path + "/godwit.lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(Code::failed_precondition, "STORE-directory",
                    "cannot write to the data directory: " + file + ": " + std::strerror(errno));

    DataDirectory held(std::move(path), fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> text{};
        const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
        const std::string owner(trim(std::string_view(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0)));
        return fail(Code::failed_precondition, "STORE-locked",
                    "the data directory " + held.path() + " is in use by another process" + (owner.empty() ? "" : " (" + owner + ")") +
                        "; stop it, or choose another directory");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        // Only the message of a second process would have needed it.
    }
    return held;
}

DataDirectory::~DataDirectory() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace godwit::store::sqlite
