#include "store/sqlite/write_queue.h"

#include <chrono>
#include <cstdlib>
#include <semaphore>

#include "base/lane.h"
#include "base/thread_priority.h"
#include "base/work_limit.h"
#include "store/schema/parameters.h"
#include "store/sqlite/transaction.h"

namespace godwit::store::sqlite {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMaxQueue = 8'192;  ///< the lanes in front of the store hold far fewer
constexpr std::size_t kMaxGroup = 512;    ///< members of one commit
constexpr auto kGroupTime = 5ms;          ///< a group takes no new member after this, for the sake of the first
constexpr auto kBulkPatience = 100ms;
constexpr auto kSmallTime = 30s;  ///< what a function may take; the next ones wait for it
constexpr auto kBulkTime = 5min;

}  // namespace

struct WriteQueue::Task {
    const Fn* fn;
    bool bulk;
    const WorkLimit* limit = WorkLimit::current();  ///< of the caller, which waits for us
    Steady::time_point since = Steady::now();
    Result<void> outcome{};
    bool retried = false;
    std::binary_semaphore done{0};
};

WriteQueue::WriteQueue(std::unique_ptr<Connection> connection, IdGenerator& ids, const Clock& clock, std::function<void(int)> after_commit)
    : connection_(std::move(connection)), ids_(ids), clock_(clock), after_commit_(std::move(after_commit)), thread_([this] { loop(); }) {}

WriteQueue::~WriteQueue() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

Result<void> WriteQueue::run(const Fn& fn, bool bulk) {
    if (std::this_thread::get_id() == thread_.get_id()) schema::programming_error("a write inside a write would wait for itself", "");
    auto task = std::make_shared<Task>(&fn, bulk);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Code::unavailable, "STORE-stopping", "the server is stopping");
        auto& queue = bulk ? bulk_ : small_;
        if (queue.size() >= kMaxQueue) return fail(Code::unavailable, "STORE-queue", "too many writes wait for the database; try again");
        queue.push_back(task);
    }
    work_.notify_one();
    {
        const Lanes::Waiting waiting;
        task->done.acquire();
    }
    return std::move(task->outcome);
}

bool WriteQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return !small_.empty();
}

std::size_t WriteQueue::queued() const {
    const std::lock_guard lock(mutex_);
    return small_.size() + bulk_.size();
}

void WriteQueue::between_groups(std::function<void(Connection&)> fn) {
    {
        const std::lock_guard lock(mutex_);
        chores_.push_back(std::move(fn));
    }
    work_.notify_one();
}

/// Waits for work: a chore, or a group. False when stopping and everything is done.
bool WriteQueue::next(Tasks& group, std::function<void(Connection&)>& chore) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [&] { return stopping_ || !small_.empty() || !bulk_.empty() || !chores_.empty(); });
    if (!chores_.empty()) {
        chore = std::move(chores_.front());
        chores_.pop_front();
        return true;
    }
    const bool bulk_turn = !bulk_.empty() && (small_.empty() || Steady::now() - bulk_.front()->since > kBulkPatience);
    if (bulk_turn) {
        group.push_back(std::move(bulk_.front()));
        bulk_.pop_front();
    } else {
        take_waiting(group);
    }
    return !group.empty();
}

/// Everyone who waits joins the group. Called with the lock.
void WriteQueue::take_waiting(Tasks& group) {
    while (!small_.empty() && group.size() < kMaxGroup) {
        group.push_back(std::move(small_.front()));
        small_.pop_front();
    }
}

void WriteQueue::loop() {
    while (true) {
        Tasks group;
        std::function<void(Connection&)> chore;
        if (!next(group, chore)) return;
        if (chore) {
            chore(*connection_);
        } else {
            run_group(std::move(group));
        }
    }
}

void WriteQueue::run_group(Tasks group) {
    const bool bulk = group.front()->bulk;
    const auto start = Steady::now();
    set_slice(bulk ? kUsualSlice : kShortSlice);

    if (auto begun = connection_->run("BEGIN IMMEDIATE"); !begun) {
        for (const auto& task : group) task->outcome = begun;
        return answer(group);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        group[i]->outcome = run_member(*group[i]);
        if (!connection_->in_transaction()) return rerun_without(group, i);
        if (bulk || group.size() >= kMaxGroup || Steady::now() - start > kGroupTime) continue;
        const std::lock_guard lock(mutex_);
        take_waiting(group);
    }
    if (auto committed = commit(); !committed) {
        for (const auto& task : group) {
            if (task->outcome) task->outcome = committed;
        }
    }
    after_commit_(connection_->wal_pages());
    answer(group);
}

/// A failing disk or an overlong statement made SQLite roll back the whole transaction: the others have another try without the culprit.
void WriteQueue::rerun_without(const Tasks& group, std::size_t culprit) {
    answer({group[culprit]});
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (i == culprit) continue;
        const bool had_run = i < culprit;
        if (had_run && group[i]->outcome && std::exchange(group[i]->retried, true)) group[i]->outcome = group[culprit]->outcome;
        if (had_run && !group[i]->outcome) {
            answer({group[i]});
        } else {
            run_group({group[i]});
        }
    }
}

/// noexcept: an exception in a caller's function is a programmer's bug, and must not unwind past the savepoint.
Result<void> WriteQueue::run_member(Task& task) noexcept {
    // One that has begun goes on: to break it off would cost the others of its group a second run.
    if (task.limit) TRY(task.limit->check());
    // A batch is alone in its transaction: it is undone as a whole, and SQLite need not keep what each of its pages looked like before.
    const bool alone = task.bulk;
    if (!alone) TRY(connection_->run("SAVEPOINT member"));
    connection_->set_deadline(Steady::now() + (task.bulk ? Steady::duration(kBulkTime) : Steady::duration(kSmallTime)));
    SqliteWriter writer(*connection_, ids_, clock_.now());
    auto outcome = (*task.fn)(writer);
    connection_->set_deadline(std::nullopt);
    if (writer.lost()) outcome = std::unexpected(*writer.lost());
    if (!connection_->in_transaction()) return outcome ? fail(Code::internal, "STORE-transaction", "the transaction was lost") : outcome;
    if (!outcome && (alone || !connection_->run("ROLLBACK TO member"))) {
        // Half a member must not be committed with the others: they run again.
        if (!connection_->run("ROLLBACK")) std::abort();
        return outcome;
    }
    if (!alone) TRY(connection_->run("RELEASE member"));
    return outcome;
}

Result<void> WriteQueue::commit() {
    auto committed = connection_->run("COMMIT");
    if (!committed && connection_->in_transaction()) {
        if (auto rolled_back = connection_->run("ROLLBACK"); !rolled_back) std::abort();  // nothing sensible can follow
    }
    return committed;
}

void WriteQueue::answer(const Tasks& tasks) {
    for (const auto& task : tasks) task->done.release();
}

}  // namespace godwit::store::sqlite
