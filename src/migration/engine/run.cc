#include "migration/engine/run.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_priority.h"
#include "directory/org/orgs.h"
#include "directory/user/users.h"
#include "migration/engine/batch.h"
#include "migration/engine/initial_load.h"
#include "migration/engine/writer.h"
#include "migration/handoff.h"
#include "migration/pace.h"
#include "signin/password_check.h"
#include "store/initial_load.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

using store::Database;

// A batch is handed over when it is full in any of these ways.
constexpr std::size_t kBatchUsers = 7'500;  // three batches are in memory: one is read, one waits, one is written
constexpr std::uint64_t kBatchBytes = 16u << 20;
constexpr std::chrono::milliseconds kBatchTime{500};
constexpr std::size_t kPlainPasswordsPerThread = 8;
/// With a limit of errors the first batches are small, so that a wrong mapping is noticed early.
constexpr std::size_t kCautiousBatch = 100;

constexpr std::chrono::seconds kLookAtLoad{10};
/// Records that an initial load puts off at most; it ends when there are more.
constexpr std::size_t kMostHeld = 10'000;

class Run {
public:
    Run(const RunParts& parts, Claimed& claimed, const RunInput& input, const store::Editor& editor, const RunHooks& hooks)
        : parts_(parts),
          claimed_(claimed),
          input_(input),
          editor_(editor),
          hooks_(hooks),
          options_(claimed.row.job.options()),
          org_(claimed.lease.scope, claimed.row.org),
          targets_(parts.store, claimed.lease.scope),
          preparer_(options_, org_, claimed.row.instance_wide, input.source.variables(), targets_, parts.passwords),
          batch_users_(options_.max_errors() > 0 ? kCautiousBatch : kBatchUsers),
          served_load_(may_serve_load() ? parts.served_loads : nullptr, parts.store, {hooks.on_index, hooks.ending}) {
        checkpoint_.last_record = claimed.row.job.last_record();
        checkpoint_.milliseconds = claimed.row.job.milliseconds();
        checkpoint_.counters = claimed.row.job.counters();
        checkpoint_.held = claimed.row.held;
        if (!options_.dry_run()) failed_before_ = checkpoint_.counters.failed();
        created_before_ = checkpoint_.counters.created();
    }

    Result<RunEnd> run();

private:
    struct Plain {
        std::size_t record;
        Secret password;
    };

    // The reader's thread.
    void prepare();
    Result<bool> prepare_next();
    Result<void> make_org(const v1::UserRecord& record);
    bool full() const;
    bool hand_over();
    void hash();
    void hash_one(const Plain& plain);
    Result<bool> is_unchanged(const Prepared& record);

    // The writer's.
    Result<void> start_rehearsal();
    Result<void> start_load();
    Result<void> end_load(Writer& writer);
    bool may_serve_load() const { return !options_.dry_run() && !options_.announce(); }
    Result<std::shared_ptr<void>> need_emails();
    Result<void> take_all(Writer& writer);
    Result<void> write(Writer& writer, Batch& batch);
    /// Who goes on after a pause has seen those before.
    bool too_many_errors() const {
        return options_.max_errors() > 0 && checkpoint_.counters.failed() >= failed_before_ + options_.max_errors();
    }
    bool stopped() const { return stop_.load() || hooks_.stop(); }

    const RunParts& parts_;
    Claimed& claimed_;
    const RunInput& input_;
    const store::Editor& editor_;
    const RunHooks& hooks_;
    const v1::JobOptions& options_;
    const OrgScope org_;

    Targets targets_;
    Preparer preparer_;
    std::vector<Prepared> records_;
    std::vector<user::NewUser> users_;
    std::vector<Plain> plain_;
    std::uint64_t bytes_ = 0;
    Pace::Clock::time_point begun_ = Pace::Clock::now();
    std::size_t batch_users_;
    std::optional<Error> failure_;  ///< of the reader, read after it has ended
    bool read_all_ = false;
    const std::size_t hash_threads_ = std::max(1U, std::thread::hardware_concurrency() / 2);

    Handoff<Batch> handoff_;
    std::atomic<bool> stop_ = false;
    Pace pace_;
    std::unique_ptr<Scratch> scratch_;
    std::unique_ptr<InitialLoad> load_;
    std::atomic<bool> loading_ = false;
    ServedLoad served_load_;
    Checkpoint checkpoint_;
    std::uint64_t failed_before_ = 0, created_before_ = 0;
};

void Run::prepare() {
    bool more = true;
    while (more && !stopped()) {
        auto read = prepare_next();
        if (!read) failure_ = read.error();
        more = read && *read;
        if (full() && !hand_over()) break;
    }
    // Also when the file breaks off: what came before is taken in.
    if (!records_.empty() && !stopped()) (void)hand_over();
    read_all_ = !more && !failure_;
    handoff_.end();
}

/// False after the last record.
Result<bool> Run::prepare_next() {
    RawRecord raw;
    if (!TRY(input_.source.next(raw))) return false;
    if (raw.number == 0) return true;  // nothing for now; what is here may be due
    if (options_.limit() > 0 && raw.number > options_.limit()) return false;
    if (raw.number <= claimed_.row.job.last_record() && !std::ranges::binary_search(claimed_.row.held, raw.number)) return true;
    if (records_.empty()) begun_ = Pace::Clock::now();
    const std::size_t bytes = raw.size();
    const auto mapped = input_.source.take(raw);
    if (mapped && options_.create_org()) TRY(make_org(**mapped));
    const std::string id = mapped ? std::string() : input_.source.id_of(raw);
    Secret plain;
    user::NewUser& user = users_.emplace_back();
    records_.push_back(TRY(preparer_.prepare(raw.number, mapped, user, plain)));
    if (accept_source_id(id)) records_.back().source_id = id;
    if (!plain.empty() && records_.back().refused.empty()) plain_.push_back({records_.size() - 1, std::move(plain)});
    bytes_ += bytes;
    return true;
}

/// An organization that only this record knows. A transaction of its own: whoever runs the job again finds it.
Result<void> Run::make_org(const v1::UserRecord& record) {
    const std::string& name = record.organization().name();
    if (name.empty() || !claimed_.row.instance_wide || mapped_org(options_, record.organization())) return {};
    if (TRY(targets_.org(record.organization().id(), record.organization().domain(), name))) return {};
    if (options_.dry_run()) return {};
    const std::string& id = record.organization().id();
    const auto made = parts_.orgs.create(org_.instance(), editor_, {.name = name, .id = id.empty() ? std::nullopt : std::optional(id)});
    if (!made && made.error().code != Code::already_exists && made.error().code != Code::invalid_argument) return fail(made.error());
    targets_.forget();
    return {};
}

bool Run::full() const {
    return records_.size() >= batch_users_ || bytes_ >= kBatchBytes || plain_.size() >= kPlainPasswordsPerThread * hash_threads_ ||
           (!records_.empty() && Pace::Clock::now() - begun_ >= kBatchTime);
}

bool Run::hand_over() {
    hash();
    Batch batch{.records = std::exchange(records_, {}),
                .users = user::PreparedUsers(std::exchange(users_, {})),
                .source_bytes = input_.source.read_bytes()};
    plain_.clear();
    bytes_ = 0;
    batch_users_ = std::min(batch_users_ * 2, kBatchUsers);
    // The next will be about as large: vectors that grow move all that is in them, and wipe where it was.
    records_.reserve(batch.records.size());
    users_.reserve(batch.records.size());
    if (loading_) {
        if (auto marked = load_->mark(parts_.store, claimed_.row, org_.instance(), batch); !marked) {
            failure_ = marked.error();
            return false;
        }
    }
    return !stopped() && handoff_.put(std::move(batch));
}

/// In parallel, and after everything else that wants a processor.
void Run::hash() {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        lower_priority(kLowestPriority);
        for (std::size_t i = next++; i < plain_.size() && !stopped(); i = next++) hash_one(plain_[i]);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(hash_threads_, plain_.size()); ++i) threads.emplace_back(work);
}

void Run::hash_one(const Plain& plain) {
    Prepared& record = records_[plain.record];
    auto* const human = std::get_if<user::NewHuman>(&users_[plain.record].as);
    if (!human) return;
    const OrgScope org(org_.instance(), record.org);
    const auto refuse = [&](const Error& error) {
        human->password.reset();
        record.lose("password.policy", "password.plain", error.message);
    };
    if (options_.dry_run()) {
        if (const auto fits = parts_.passwords.check_policy(org, plain.password.reveal()); !fits) refuse(fits.error());
        return;
    }
    if (is_unchanged(record).value_or(false)) return human->password.reset();
    while (!stopped()) {
        auto hashed = parts_.passwords.prepare(org, plain.password.reveal(), human->password->change_required);
        if (hashed) {
            human->password = *std::move(hashed);
            return;
        }
        if (hashed.error().code != godwit::Code::resource_exhausted) return refuse(hashed.error());  // else sign-ins have the memory
    }
}

Result<bool> Run::is_unchanged(const Prepared& record) {
    return parts_.store.read(Database::directory, [&](store::Reader& db) -> Result<bool> {
        return TRY(db.query(
                   org_.instance(),
                   "SELECT 1 FROM external_refs WHERE instance_no = ?1 AND source_no = ?2 AND external_id = ?3 AND hash64 = ?4 AND "
                   "object_id <> 0",
                   {claimed_.row.source_no, record.source_id, record.hash64}, [](const store::Row&) {})) > 0;
    });
}

/// What an earlier rehearsal of this job remembered went with it: it begins anew.
Result<void> Run::start_rehearsal() {
    if (!options_.dry_run()) return {};
    scratch_ = TRY(Scratch::create(parts_.scratch, parts_.clock));
    if (checkpoint_.last_record == 0) return {};
    checkpoint_ = {};
    claimed_.row.job.set_last_record(0);
    return parts_.store.write(Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(org_.instance(), "DELETE FROM migration_issues WHERE instance_no = ?1 AND migration_id = ?2", {claimed_.row.id}));
        return write_checkpoint(db, claimed_, checkpoint_);
    });
}

/// Only a job that begins: whoever goes on with one has looked at all indexes before.
Result<void> Run::start_load() {
    if (!parts_.sole_use || options_.dry_run() || options_.announce() || checkpoint_.last_record > 0) return {};
    load_ = TRY(InitialLoad::begin(parts_.store, claimed_.row, org_.instance(), input_.source.total_bytes(), parts_.sole_use));
    loading_ = load_ != nullptr;
    return {};
}

/// Also of loads that others have or begin while this runs.
Result<std::shared_ptr<void>> Run::need_emails() {
    const auto& match = options_.match();
    const bool needed = std::ranges::find(match, static_cast<int>(v1::MATCH_VERIFIED_EMAIL)) != match.end();
    if (!needed || !parts_.served_loads) return nullptr;
    return parts_.served_loads->need_emails(parts_.store);
}

/// Builds the indexes, and takes in what was put off.
Result<void> Run::end_load(Writer& writer) {
    served_load_.end();
    if (!writer.loading()) return {};
    loading_ = false;
    TRY(store::end_initial_load(parts_.store, hooks_.on_index));
    load_->end();
    Batch held = writer.end_load();
    return write(writer, held);
}

Result<void> Run::write(Writer& writer, Batch& batch) {
    const auto writers_wait = [this] { return parts_.store.writers_waiting(Database::directory); };
    if (writer.held() >= kMostHeld) TRY(end_load(writer));
    for (std::size_t first = 0; first < batch.records.size() && !too_many_errors();) {
        if (stopped()) return {};
        const auto begun = Pace::Clock::now();
        const std::size_t left = pace_.next(batch.records.size() - first);
        const std::size_t slice = parts_.sole_use ? left : pace_.slice(left);
        const std::size_t count = TRY(writer.write(batch, first, left, slice, writers_wait, checkpoint_));
        const std::chrono::duration<double, std::milli> took = Pace::Clock::now() - begun;
        pace_.wrote(count, took);
        checkpoint_.milliseconds += static_cast<std::uint64_t>(took.count());
        hooks_.on_batch(checkpoint_, batch.source_bytes);
        first += count;
    }
    return {};
}

/// Until there is no more, or enough.
Result<void> Run::take_all(Writer& writer) {
    // Who came in part in an earlier run is left out: those counted with them were here before, and no load begins beside users of others.
    const auto consider = [this] { served_load_.consider(created_before_ + checkpoint_.brought, checkpoint_.brought, Pace::Clock::now()); };
    Result<void> done;
    while (auto batch = handoff_.take(kLookAtLoad, consider)) {
        consider();
        done = write(writer, *batch);
        if (!done || stopped() || too_many_errors()) {
            stop_ = true;
            break;
        }
    }
    return done;
}

Result<RunEnd> Run::run() {
    const std::shared_ptr<void> emails = TRY(need_emails());
    TRY(start_rehearsal());
    Writer writer({.store = parts_.store, .users = parts_.users, .sealers = parts_.sealers}, claimed_, editor_, scratch_.get());
    TRY(start_load());
    if (load_) writer.begin_load();
    Result<void> written;
    bool broken_off = false;
    {
        const std::jthread reader([&] { prepare(); });
        written = take_all(writer);
        broken_off = stop_;
        // Also after an error, so that nobody finds the store without its indexes.
        auto ended = end_load(writer);
        if (written) written = std::move(ended);
        handoff_.close();
    }
    RunEnd end{.state = v1::JOB_STATE_WAITING, .error = {}, .checkpoint = checkpoint_};
    if (!written) return fail(written.error());
    if (too_many_errors()) {
        end.state = v1::JOB_STATE_PAUSED;
        end.error = std::to_string(checkpoint_.counters.failed() - failed_before_) + " records failed; the run pauses at " +
                    std::to_string(options_.max_errors());
    } else if (failure_ && !broken_off) {
        end.state = v1::JOB_STATE_FAILED;
        end.error = failure_->message;
    } else if (read_all_ && !broken_off && input_.last()) {
        end.state = v1::JOB_STATE_DONE;
    }
    return end;
}

}  // namespace

Result<RunEnd> run(const RunParts& parts, Jobs& jobs, Claimed& claimed, const RunInput& input, const store::Editor& editor,
                   const RunHooks& hooks) {
    auto end = Run(parts, claimed, input, editor, hooks).run();
    if (end) {
        if (const auto released = jobs.release(claimed, end->state, end->error); !released) end = std::unexpected(released.error());
    }
    if (!end && end.error().id == "STORE-fence") {
        // Somebody paused, cancelled or took it: what the store says now is how it ended.
        const auto now = TRY(jobs.get(claimed.lease.scope, OrgId{}, claimed.row.job.id()));
        RunEnd out{.state = now.job.state(), .error = now.job.error(), .checkpoint = {}};
        out.checkpoint.last_record = now.job.last_record();
        out.checkpoint.milliseconds = now.job.milliseconds();
        out.checkpoint.counters = now.job.counters();
        return out;
    }
    if (!end) {
        (void)jobs.release(claimed, v1::JOB_STATE_WAITING, end.error().message);
    }
    return end;
}

}  // namespace godwit::migration
