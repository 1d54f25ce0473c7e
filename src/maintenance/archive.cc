#include "maintenance/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/running_digest.h"

namespace godwit::maintenance {
namespace {

constexpr std::size_t kBuffer = 1 << 20;
constexpr std::int64_t kMaxManifest = 4'096;
constexpr std::string_view kFirstLine = "godwit-backup ";

// Offsets and widths of a ustar header.
struct Field {
    std::size_t at, width;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12}, kChecksum{148, 8}, kType{156, 1},
    kMagic{257, 8};

auto damaged(std::string_view why) { return fail(Code::invalid_argument, "BKP-Tar01", "this is no whole backup: " + std::string(why)); }
auto io_error(std::string_view what) { return fail(Code::unavailable, "BKP-Io01", std::string(what) + ": " + std::strerror(errno)); }

class File {
public:
    explicit File(int fd) : fd_(fd) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return io_error("cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
}

/// Up to `wanted` bytes; fewer only at the end of the file.
Result<std::string_view> read_some(int fd, std::vector<char>& buffer, std::size_t wanted) {
    std::size_t have = 0;
    while (have < wanted) {
        const ssize_t got = ::read(fd, buffer.data() + have, wanted - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error("cannot read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return std::string_view(buffer.data(), have);
}

std::size_t padding(std::int64_t bytes) { return (kTarBlock - static_cast<std::size_t>(bytes) % kTarBlock) % kTarBlock; }

void put(std::string& block, Field field, std::string_view text) { block.replace(field.at, text.size(), text); }

void put_octal(std::string& block, Field field, std::int64_t value) {
    std::string digits(field.width - 1, '0');
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, value >>= 3) *at = static_cast<char>('0' + (value & 7));
    put(block, field, digits);
}

void put_size(std::string& block, std::int64_t bytes) {
    if (bytes < std::int64_t{1} << 33) return put_octal(block, kSize, bytes);
    std::string raw(kSize.width, '\0');
    for (std::size_t i = raw.size(); i-- > 4; bytes >>= 8) raw[i] = static_cast<char>(bytes & 0xFF);
    raw[0] = '\x80';
    put(block, kSize, raw);
}

std::int64_t checksum(std::string_view block) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.width;
        sum += own ? ' ' : static_cast<unsigned char>(block[i]);
    }
    return sum;
}

/// Octal digits up to a blank or NUL; or base 256. -1 when neither.
std::int64_t read_number(std::string_view bytes) {
    std::int64_t value = 0;
    if (bytes.front() == '\x80') {
        if (bytes.substr(1, 4) != std::string_view("\0\0\0\0", 4)) return -1;
        for (const char c : bytes.substr(5)) value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }
    const auto digits = bytes.substr(0, bytes.find_first_of(std::string_view(" \0", 2)));
    if (digits.empty()) return -1;
    for (const char c : digits) {
        if (c < '0' || c > '7') return -1;
        value = value << 3 | (c - '0');
    }
    return value;
}

/// Copies a member's bytes to `to` and tells their digest.
Result<std::string> copy(int from, int to, std::int64_t bytes, const std::function<void(std::int64_t)>& progress) {
    std::vector<char> buffer(kBuffer);
    crypto::RunningSha256 digest;
    for (std::int64_t done = 0; done < bytes;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(bytes - done, kBuffer));
        const auto got = TRY(read_some(from, buffer, wanted));
        if (got.size() < wanted) return damaged("it ends in the middle of a member");
        digest.add(got);
        TRY(write_all(to, got));
        done += static_cast<std::int64_t>(got.size());
        progress(done);
    }
    return hex_encode(digest.value());
}

}  // namespace

std::string tar_header(std::string_view name, std::int64_t bytes) {
    std::string block(kTarBlock, '\0');
    put(block, kName, name);
    put_octal(block, kMode, 0600);
    put_octal(block, kUid, 0);
    put_octal(block, kGid, 0);
    put_size(block, bytes);
    put_octal(block, kTime, 0);
    block[kType.at] = '0';
    put(block, kMagic,
        std::string_view("ustar\0"
                         "00",
                         8));
    std::string sum(kChecksum.width, '\0');
    put_octal(sum, {0, 7}, checksum(block));
    sum[7] = ' ';
    put(block, kChecksum, sum);
    return block;
}

Result<TarMember> read_tar_header(std::string_view block) {
    if (block.size() != kTarBlock || block.substr(kMagic.at, 5) != "ustar") return damaged("it is no tar file");
    if (read_number(block.substr(kChecksum.at, kChecksum.width)) != checksum(block)) return damaged("a header is broken");
    if (block[kType.at] != '0') return damaged("it holds something else than plain files");
    const auto name = block.substr(kName.at, kName.width);
    TarMember member{.name = std::string(name.substr(0, name.find('\0'))), .bytes = read_number(block.substr(kSize.at, kSize.width))};
    if (member.bytes < 0) return damaged("a member has no size");
    return member;
}

std::string to_text(const Manifest& manifest) {
    std::string out = std::string(kFirstLine) + "1\nmade " + manifest.made + "\n";
    for (const auto& [name, sha256] : manifest.sha256) out += sha256 + "  " + name + "\n";
    return out;
}

Result<Manifest> read_manifest(std::string_view text) {
    const auto malformed = [] { return fail(Code::invalid_argument, "BKP-Man01", "this is no whole backup: its manifest cannot be read"); };
    if (!text.starts_with(kFirstLine) || !text.ends_with('\n')) return malformed();
    const auto lines = split(text.substr(0, text.size() - 1), '\n');
    if (lines.front() != std::string(kFirstLine) + "1")
        return fail(Code::failed_precondition, "BKP-Man02", "this backup was made by a newer release; restore it with that one");
    if (lines.size() < 2 || !lines[1].starts_with("made ")) return malformed();
    Manifest manifest{.made = std::string(lines[1].substr(5)), .sha256 = {}};
    for (const auto line : std::span(lines).subspan(2)) {
        const auto parts = split_once(line, ' ');
        if (!parts || parts->first.size() != 64 || !parts->second.starts_with(' ')) return malformed();
        if (!manifest.sha256.emplace(parts->second.substr(1), parts->first).second) return malformed();
    }
    const auto is_there = [&](std::string_view name) { return manifest.sha256.contains(std::string(name)); };
    if (manifest.sha256.size() != std::size(kArchiveMembers) || !std::ranges::all_of(kArchiveMembers, is_there)) return malformed();
    return manifest;
}

Result<std::string> append_file(int to, std::string_view name, const std::string& source,
                                const std::function<void(std::int64_t)>& progress) {
    const File from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info{};
    if (from.fd() < 0 || ::fstat(from.fd(), &info) != 0) return io_error("cannot read " + source);
    TRY(write_all(to, tar_header(name, info.st_size)));
    auto digest = TRY(copy(from.fd(), to, info.st_size, progress));
    TRY(write_all(to, std::string(padding(info.st_size), '\0')));
    return digest;
}

Result<void> append_text(int to, std::string_view name, std::string_view text) {
    const auto size = static_cast<std::int64_t>(text.size());
    return write_all(to, tar_header(name, size) + std::string(text) + std::string(padding(size), '\0'));
}

Result<void> append_end(int to) { return write_all(to, std::string(2 * kTarBlock, '\0')); }

Result<Manifest> unpack(const std::string& path, const std::string& to, const Progress& progress) {
    const File from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info{};
    if (from.fd() < 0 || ::fstat(from.fd(), &info) != 0) return io_error("cannot read " + path);
    std::vector<char> buffer(std::max<std::size_t>(kTarBlock, kMaxManifest));
    std::map<std::string, std::string> found;
    std::int64_t before = 0;
    for (const auto expected : kArchiveMembers) {
        const auto member = TRY(read_tar_header(TRY(read_some(from.fd(), buffer, kTarBlock))));
        if (member.name != expected) return damaged("\"" + std::string(expected) + "\" is not where it belongs");
        if (member.bytes > info.st_size) return damaged("it ends in the middle of a member");
        const std::string target = to + "/" + std::string(expected);
        const File out(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (out.fd() < 0) return io_error("cannot write " + target);
        found[member.name] =
            TRY(copy(from.fd(), out.fd(), member.bytes, [&](std::int64_t done) { progress(before + done, info.st_size); }));
        if (::fsync(out.fd()) != 0) return io_error("cannot write " + target);
        before += member.bytes;
        TRY(read_some(from.fd(), buffer, padding(member.bytes)));
    }
    const auto last = TRY(read_tar_header(TRY(read_some(from.fd(), buffer, kTarBlock))));
    if (last.name != kManifest || last.bytes > kMaxManifest) return damaged("the manifest is missing");
    const auto text = TRY(read_some(from.fd(), buffer, static_cast<std::size_t>(last.bytes)));
    if (static_cast<std::int64_t>(text.size()) != last.bytes) return damaged("the manifest is cut off");
    auto manifest = TRY(read_manifest(text));
    if (manifest.sha256 != found) return damaged("its bytes are not those that were written (SHA-256 differs)");
    return manifest;
}

}  // namespace godwit::maintenance
