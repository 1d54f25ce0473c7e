/* Loaded before the C library's own functions (LD_PRELOAD), this makes two things happen on command that a test may not do to the machine:
 * a full disk, and a clock that steps. The file FAULTS_FILE holds two 64-bit numbers, which a test writes while the program runs:
 *   [0] not 0: files whose path contains FAULTS_PATH cannot grow: ENOSPC, as of a full disk; overwriting goes on
 *   [1] microseconds added to the wall clock */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *faults;
static const char *path_part;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULTS_FILE");
    path_part = getenv("FAULTS_PATH");
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *map = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) faults = map;
}

/* True when the file would grow to `end` bytes and may not; end < 0: by appending. */
static int refuses(int fd, int64_t end) {
    if (!faults || !faults[0] || !path_part) return 0;
    int before = errno;
    char link[64], target[4096];
    struct stat info;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        errno = before;
        return 0;
    }
    target[length] = 0;
    if (end < 0) end = lseek(fd, 0, SEEK_CUR) - end;
    errno = before;
    if (!strstr(target, path_part) || end <= info.st_size) return 0;
    errno = ENOSPC;
    return 1;
}

static int64_t total(const struct iovec *parts, int count) {
    int64_t bytes = 0;
    for (int i = 0; i < count; ++i) bytes += (int64_t)parts[i].iov_len;
    return bytes;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t size) {
    REAL(write);
    return refuses(fd, -(int64_t)size) ? -1 : real(fd, bytes, size);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    REAL(pwrite);
    return refuses(fd, at + (int64_t)size) ? -1 : real(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    REAL(pwrite64);
    return refuses(fd, at + (int64_t)size) ? -1 : real(fd, bytes, size, at);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    return refuses(fd, at + total(parts, count)) ? -1 : real(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    REAL(pwritev64);
    return refuses(fd, at + total(parts, count)) ? -1 : real(fd, parts, count, at);
}
int posix_fallocate(int fd, off_t at, off_t size) {
    REAL(posix_fallocate);
    return refuses(fd, at + size) ? ENOSPC : real(fd, at, size);
}
int posix_fallocate64(int fd, off64_t at, off64_t size) {
    REAL(posix_fallocate64);
    return refuses(fd, at + size) ? ENOSPC : real(fd, at, size);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && faults && faults[1] && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t micros = (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000 + faults[1];
        time->tv_nsec = (micros % 1000000) * 1000 + time->tv_nsec % 1000;
        time->tv_sec = micros / 1000000;
    }
    return result;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
