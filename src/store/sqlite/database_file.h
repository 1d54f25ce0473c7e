// One of the two SQLite files: its writer, its readers, and the moving of its write-ahead log into the file.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "store/sqlite/reader_pool.h"
#include "store/sqlite/write_queue.h"

namespace godwit::store::sqlite {

struct FileOptions {
    std::string path;
    int page_size = 4096;
    int writer_cache_kib = 8'000;
    std::size_t readers = 8;
    int checkpoint_pages = 20'000;  ///< of the log; a smaller log costs bulk loads a quarter of their speed
};

class DatabaseFile {
public:
    /// `writer` is open and its schema upgraded. `ask_checkpoint` is called (on the writer's thread) when checkpoint() is due.
    static Result<std::unique_ptr<DatabaseFile>> open(const FileOptions& options, std::unique_ptr<Connection> writer, IdGenerator& ids,
                                                      const Clock& clock, std::function<void()> ask_checkpoint);
    /// Leaves a file without a log, so that the next start has nothing to recover.
    ~DatabaseFile();
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;

    static ConnectionOptions writer_options(const FileOptions& options);

    WriteQueue& writer() { return *writer_; }
    ReaderPool& readers() { return *readers_; }

    /// Moves the log into the file beside the running writer, which does the short rest itself between two groups. Called by one thread.
    void checkpoint();

private:
    DatabaseFile(const FileOptions& options, std::unique_ptr<Connection> checkpointer, std::function<void()> ask_checkpoint);
    void committed(int wal_pages);

    const FileOptions options_;
    std::unique_ptr<Connection> checkpointer_;
    std::function<void()> ask_checkpoint_;
    std::atomic<int> next_checkpoint_;  ///< pages of the log at which the next one is due
    std::unique_ptr<WriteQueue> writer_;
    std::unique_ptr<ReaderPool> readers_;
};

}  // namespace godwit::store::sqlite
