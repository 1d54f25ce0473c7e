// The form of a backup: a plain tar file (ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html) of three members, so
// that any tar lists and unpacks it:
//   directory.db, runtime.db   SQLite databases
//   MANIFEST                   "godwit-backup 1", "made <RFC 3339>", then a line "<sha256>  <member>" each, as sha256sum -c reads them
// The manifest stands last: without it a backup was cut off.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::maintenance {

inline constexpr std::string_view kArchiveMembers[] = {"directory.db", "runtime.db"};
inline constexpr std::string_view kManifest = "MANIFEST";
inline constexpr std::size_t kTarBlock = 512;

/// A member's header. Sizes from 8 GiB on are written in base 256, as GNU tar and libarchive read them.
std::string tar_header(std::string_view name, std::int64_t bytes);

struct TarMember {
    std::string name;
    std::int64_t bytes = 0;
};
/// Reads one block. invalid_argument BKP-Tar01 when it is no header of a plain file, or its checksum is wrong.
Result<TarMember> read_tar_header(std::string_view block);

struct Manifest {
    std::string made;
    std::map<std::string, std::string> sha256;  ///< member → 64 hex digits
};
std::string to_text(const Manifest& manifest);
/// invalid_argument BKP-Man01 when it is not of this form, or a member is missing or comes twice; failed_precondition BKP-Man02 for a
/// later version of the form.
Result<Manifest> read_manifest(std::string_view text);

/// Bytes done and bytes in all.
using Progress = std::function<void(std::int64_t, std::int64_t)>;

/// Appends `source` to the open file `to` as a member; its SHA-256 in hex. unavailable when reading or writing fails.
Result<std::string> append_file(int to, std::string_view name, const std::string& source,
                                const std::function<void(std::int64_t)>& progress);
Result<void> append_text(int to, std::string_view name, std::string_view text);
/// The two blocks of zeros that end a tar file.
Result<void> append_end(int to);

/// Unpacks the archive `path` into the existing folder `to` and holds every member against the manifest. invalid_argument (BKP-…) when it
/// is no whole backup; unavailable when reading or writing fails.
Result<Manifest> unpack(const std::string& path, const std::string& to, const Progress& progress);

}  // namespace godwit::maintenance
