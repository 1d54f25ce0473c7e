#include "store/sqlite/database_file.h"

#include "base/log.h"

namespace godwit::store::sqlite {
namespace {

/// Passes beside the writer: each finds what was written during the one before.
constexpr int kPasses = 4;
/// What the writer may have to move itself: a few milliseconds.
constexpr int kShortRest = 1'000;

}  // namespace

DatabaseFile::DatabaseFile(const FileOptions& options, std::unique_ptr<Connection> checkpointer, std::function<void()> ask_checkpoint)
    : options_(options),
      checkpointer_(std::move(checkpointer)),
      ask_checkpoint_(std::move(ask_checkpoint)),
      next_checkpoint_(options.checkpoint_pages) {}

ConnectionOptions DatabaseFile::writer_options(const FileOptions& options) {
    return {.path = options.path, .page_size = options.page_size, .cache_kib = options.writer_cache_kib, .writable = true};
}

Result<std::unique_ptr<DatabaseFile>> DatabaseFile::open(const FileOptions& options, std::unique_ptr<Connection> writer, IdGenerator& ids,
                                                         const Clock& clock, std::function<void()> ask_checkpoint) {
    auto checkpointer = TRY(Connection::open({.path = options.path, .cache_kib = 100}));
    std::unique_ptr<DatabaseFile> file(new DatabaseFile(options, std::move(checkpointer), std::move(ask_checkpoint)));
    file->readers_ = std::make_unique<ReaderPool>(ConnectionOptions{.path = options.path, .writable = false}, options.readers);
    file->writer_ = std::make_unique<WriteQueue>(std::move(writer), ids, clock, [raw = file.get()](int pages) { raw->committed(pages); });
    return file;
}

DatabaseFile::~DatabaseFile() {
    writer_.reset();  // runs what is queued
    readers_.reset();
    if (auto done = checkpointer_->checkpoint(Connection::CheckpointMode::truncate); !done)
        log::warn("the write-ahead log stays; the next start reads it", {{"file", options_.path}});
}

void DatabaseFile::committed(int wal_pages) {
    const int due = next_checkpoint_.load(std::memory_order_relaxed);
    if (wal_pages < due) {
        // The log began anew (it is empty once everything was moved and no reader needs it).
        if (due > options_.checkpoint_pages && wal_pages < due - options_.checkpoint_pages)
            next_checkpoint_.store(options_.checkpoint_pages, std::memory_order_relaxed);
        return;
    }
    next_checkpoint_.store(wal_pages + options_.checkpoint_pages, std::memory_order_relaxed);
    ask_checkpoint_();
}

void DatabaseFile::checkpoint() {
    for (int pass = 0; pass < kPasses; ++pass) {
        const auto done = checkpointer_->checkpoint(Connection::CheckpointMode::passive);
        if (!done || done->wal_pages - done->moved <= kShortRest) break;
    }
    writer_->between_groups([](Connection& connection) {
        // Failures are logged below; the next commit that finds the log too long asks again.
        (void)connection.checkpoint(Connection::CheckpointMode::passive).has_value();
    });
}

}  // namespace godwit::store::sqlite
