// Backup of the embedded database beside a running server, and restore into an empty data folder. PostgreSQL has pg_dump for that.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "maintenance/archive.h"

namespace godwit::maintenance {

/// Writes the archive (archive.h) of the data folder to the new file `to`: complete, synced and renamed into place, or not there at all.
/// What it holds is what store/sqlite/snapshot.h says. The master key is not in it. Needs, while it runs, room for the larger database a
/// second time beside `to`.
/// Errors: already_exists when `to` exists; not_found when the folder holds no database; unavailable when the disk fails or is full.
Result<void> backup(const std::string& data_dir, const std::string& to, const Clock& clock, const Progress& progress);

/// Makes the data folder from an archive: unpacked and held against its checksums, looked over by SQLite, brought to this program's schema,
/// its token epoch raised (token_epoch.h), then moved into place. The folder may hold other things, but no database and no server.
/// An interrupted restore leaves a folder that no server starts on; running it again starts anew. The answer is when the backup was made.
/// Errors: already_exists when the folder holds a database; failed_precondition when a server runs there or the backup is of a newer
/// release; invalid_argument when it is damaged.
Result<std::string> restore(const std::string& from, const std::string& data_dir, bool keep_personal, const Clock& clock,
                            const Progress& progress);

}  // namespace godwit::maintenance
