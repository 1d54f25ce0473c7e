// Large commits that reach the disk while they are written, not all at their end.
#pragma once

namespace godwit::store::sqlite {

/// From now on, of every file of SQLite in this process that has a name: after each MiB that a thread writes to it, to no other between,
/// the system begins to move it to the disk. Without that it begins when the commit asks for all of it, and another file's commit, of a few
/// pages, waits for the tens of MiB before it. After sqlite3_initialize(). Where the library cannot be asked so, nothing changes.
void begin_writeback_early();

}  // namespace godwit::store::sqlite
