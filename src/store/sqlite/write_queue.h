// The one writer of a SQLite file: a thread that runs the callers' functions, many to a commit.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/id_generator.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace godwit::store::sqlite {

/// Who waits while a commit is under way shares the next one; nobody waits for company. Each function runs in a savepoint of its own, so
/// that its failure costs the others nothing; callers are answered after the commit, and a commit that fails fails them all.
class WriteQueue {
public:
    using Fn = std::function<Result<void>(Writer&)>;

    /// `after_commit` is told on the writer's thread how many pages the write-ahead log holds.
    WriteQueue(std::unique_ptr<Connection> connection, IdGenerator& ids, const Clock& clock, std::function<void(int)> after_commit);
    /// Runs what was taken in, refuses what comes later.
    ~WriteQueue();
    WriteQueue(const WriteQueue&) = delete;
    WriteQueue& operator=(const WriteQueue&) = delete;

    /// Blocks until `fn` is committed, or failed. Bulk functions run alone, when no small one waits; one that waited kBulkPatience has
    /// its turn all the same.
    Result<void> run(const Fn& fn, bool bulk);

    /// Small functions wait.
    bool waiting() const;
    /// How many functions wait, of either kind.
    std::size_t queued() const;

    /// Runs `fn` on the connection between two groups, outside any transaction, without waiting for it.
    void between_groups(std::function<void(Connection&)> fn);

private:
    struct Task;
    using Tasks = std::vector<std::shared_ptr<Task>>;

    void loop();
    bool next(Tasks& group, std::function<void(Connection&)>& chore);
    void take_waiting(Tasks& group);
    void run_group(Tasks group);
    void rerun_without(const Tasks& group, std::size_t culprit);
    Result<void> run_member(Task& task) noexcept;
    Result<void> commit();
    void answer(const Tasks& tasks);

    std::unique_ptr<Connection> connection_;
    IdGenerator& ids_;
    const Clock& clock_;
    std::function<void(int)> after_commit_;

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::deque<std::shared_ptr<Task>> small_;
    std::deque<std::shared_ptr<Task>> bulk_;
    std::deque<std::function<void(Connection&)>> chores_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace godwit::store::sqlite
