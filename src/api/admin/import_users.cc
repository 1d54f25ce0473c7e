// Users, by the thousand: one thread reads, checks and hashes the next batch while this one writes the last.

#include <algorithm>
#include <numeric>
#include <thread>

#include "api/admin/import_run.h"
#include "base/thread_priority.h"
#include "directory/user/look_first.h"
#include "directory/user/users.h"
#include "migration/batch_write.h"
#include "migration/handoff.h"
#include "migration/pace.h"
#include "signin/imported_user.h"
#include "signin/password_check.h"
#include "store/store.h"

namespace godwit::api {
namespace {

using migration::Pace;
using zitadel::v1::v1::DataHumanUser;
using zitadel::v1::v1::DataMachineUser;

// A batch is handed over when it is full in any of these ways.
constexpr std::size_t kBatchUsers = user::kMaxBatch;
constexpr std::uint64_t kBatchBytes = 16u << 20;
constexpr std::size_t kPlainPasswordsPerThread = 8;  // so that a time-out loses little work

/// What a record of either kind says.
Result<user::NewUser> to_user(const DataHumanUser& record, const OrgScope& org, signin::PasswordCheck& passwords) {
    user::NewUser user = TRY(signin::new_user_of(record.user(), org, passwords));
    user.given_id = record.user_id();
    return user;
}
Result<user::NewUser> to_user(const DataMachineUser& record, const OrgScope&, signin::PasswordCheck&) {
    user::NewUser user = signin::new_user_of(record.user());
    if (!record.user_id().empty()) user.given_id = record.user_id();
    return user;
}
bool needs_hashing(const DataHumanUser& record) {
    return record.user().hashed_password().value().empty() && !record.user().password().empty();
}
bool needs_hashing(const DataMachineUser&) { return false; }

/// A state that the source gave, where it is not the one that follows from what the user brings.
Result<std::optional<user::State>> state_of(zitadel::user::v1::UserState state) {
    switch (state) {
        case zitadel::user::v1::USER_STATE_INACTIVE:
            return user::State::inactive;
        case zitadel::user::v1::USER_STATE_LOCKED:
            return user::State::locked;
        case zitadel::user::v1::USER_STATE_SUSPEND:
            return user::State::suspended;
        case zitadel::user::v1::USER_STATE_DELETED:
            return fail(Code::invalid_argument, "IMPORT-Del01", "a deleted user is not taken");
        default:
            return std::nullopt;
    }
}

/// The slot of a user that the unique indexes kept out.
bool is_known(const Result<user::Created>& slot) {
    return !slot && (slot.error().code == Code::already_exists || slot.error().code == Code::failed_precondition);
}

/// One record of a batch: refused, or the next of the batch's users.
struct Slot {
    std::string id;  ///< as an entry of `errors` names it
    std::optional<Error> refused;
};
struct Batch {
    std::vector<Slot> slots;
    user::PreparedUsers users;
};

template <class Record>
class UserImport {
public:
    UserImport(ImportRun& run, const OrgImport& org, std::string_view part, std::string_view type,
               std::function<void(std::string id)> created)
        : run_(run), org_(org), place_(org.part(part)), type_(type), created_(std::move(created)) {}

    void run() {
        if (!place_) return;
        {
            const std::jthread reader([&] { prepare(); });
            while (auto batch = handoff_.take()) {
                if (!write(*batch)) break;
            }
            handoff_.close();
        }
        if (failure_) run_.refuse(type_, "", *failure_);
    }

private:
    struct Draft {
        Slot slot;
        user::NewUser user;
        Record unhashed;  ///< with a plain password
    };

    // The reader's thread.
    void prepare();
    void add(const Record& record, const Result<void>& read);
    Result<void> hand_over();
    void hash();
    void hash_one(Draft& draft);
    std::optional<Error> existing(const Record& record);

    // The writer's.
    bool write(Batch& batch);
    user::BatchOutcome create(Batch& batch, std::size_t first);

    ImportRun& run_;
    const OrgImport& org_;
    const migration::JsonRange place_;
    const std::string_view type_;
    const std::function<void(std::string id)> created_;

    std::vector<Draft> drafts_;
    std::vector<std::size_t> plain_;  ///< drafts that wait to be hashed
    std::uint64_t bytes_ = 0;
    std::optional<Error> failure_;
    const std::size_t hash_threads_ = std::max(1U, std::thread::hardware_concurrency() / 2);

    migration::Handoff<Batch> handoff_;
    Pace pace_;
    bool met_known_ = false;  ///< the last batch held users that were there already
};

template <class Record>
void UserImport<Record>::prepare() {
    migration::JsonFile file(run_.fd);
    Record record;
    const auto read = file.walk(place_, [&](migration::JsonFile::Cursor& list) {
        return list.array([&](migration::JsonFile::Cursor& element) -> Result<void> {
            const migration::JsonRange range = TRY(element.skip());
            add(record, read_record(file, range, org_.id(), record));
            bytes_ += range.size();
            const bool full =
                drafts_.size() == kBatchUsers || bytes_ >= kBatchBytes || plain_.size() == kPlainPasswordsPerThread * hash_threads_;
            return full ? hand_over() : Result<void>();
        });
    });
    if (read) {
        (void)hand_over();
    } else if (!run_.stopped()) {  // the file was whole when it was looked over: what fails now is the disk
        failure_ = Error{Code::unavailable, read.error().id, read.error().message};
    }
    handoff_.end();
}

template <class Record>
void UserImport<Record>::add(const Record& record, const Result<void>& read) {
    Draft& draft = drafts_.emplace_back();
    draft.slot.id = record.user_id().empty() ? record.user().user_name() : record.user_id();
    const auto state = state_of(record.state());
    if (!read || !state) {
        draft.slot.refused = read ? state.error() : read.error();
    } else if (needs_hashing(record)) {
        draft.unhashed = record;
        plain_.push_back(drafts_.size() - 1);
    } else if (auto user = to_user(record, org_.scope, run_.services.passwords)) {
        draft.user = *std::move(user);
    } else {
        draft.slot.refused = user.error();
    }
    if (state) draft.user.state = *state;
}

template <class Record>
Result<void> UserImport<Record>::hand_over() {
    hash();
    std::vector<Slot> slots;
    std::vector<user::NewUser> users;
    slots.reserve(drafts_.size());
    users.reserve(drafts_.size());
    for (Draft& draft : drafts_) {
        if (!draft.slot.refused) users.push_back(std::move(draft.user));
        slots.push_back(std::move(draft.slot));
    }
    Batch batch{.slots = std::move(slots), .users = user::PreparedUsers(std::move(users))};
    drafts_.clear();
    plain_.clear();
    bytes_ = 0;
    if (run_.stopped() || !handoff_.put(std::move(batch))) return fail(Code::cancelled, "", "stopped");  // only leaves the walk
    return {};
}

/// In parallel, and after everything else that wants a processor.
template <class Record>
void UserImport<Record>::hash() {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        lower_priority(kLowestPriority);
        for (std::size_t i = next++; i < plain_.size() && !run_.stopped(); i = next++) hash_one(drafts_[plain_[i]]);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(hash_threads_, plain_.size()); ++i) threads.emplace_back(work);
}

template <class Record>
void UserImport<Record>::hash_one(Draft& draft) {
    // A file that is sent again to finish the rest must not spend its time on hashing who is there already.
    draft.slot.refused = existing(draft.unhashed);
    while (!draft.slot.refused) {
        auto user = to_user(draft.unhashed, org_.scope, run_.services.passwords);
        if (user) {
            user->state = draft.user.state;
            draft.user = *std::move(user);
            return;
        }
        const bool busy = user.error().code == Code::resource_exhausted;  // no memory for a hash in time: sign-ins have it
        if (!busy || run_.stopped()) draft.slot.refused = user.error();
    }
}

template <class Record>
std::optional<Error> UserImport<Record>::existing(const Record& record) {
    if (!record.user_id().empty()) {
        const auto found = run_.services.users.find(user::Ref::named(org_.scope.instance(), record.user_id()));
        if (found && *found) return Error{Code::failed_precondition, "COMMAND-ziuna", ""};
    }
    const auto unique = run_.services.users.is_unique(org_.scope, record.user().user_name(), "");
    if (unique && !*unique) return Error{Code::already_exists, "V3-DKcYh", ""};
    return std::nullopt;
}

/// Of the batch's users from `first` on, as many as one transaction takes: at least one, if there are any.
template <class Record>
user::BatchOutcome UserImport<Record>::create(Batch& batch, std::size_t first) {
    const auto begun = Pace::Clock::now();
    std::vector<std::size_t> which(pace_.next(batch.users.size() - first));
    std::iota(which.begin(), which.end(), first);
    const auto writers_wait = [&] { return run_.services.store.writers_waiting(store::Database::directory); };
    user::BatchOutcome outcome;
    auto written = user::write_looking_if_needed(met_known_, [&](bool look) {
        return run_.services.store.write_bulk(store::Database::directory, [&](store::Writer& db) -> Result<void> {
            outcome.clear();
            const auto create_some = [&](std::size_t from, std::size_t count) -> Result<void> {
                for (auto& slot : TRY(run_.services.users.create(db, org_.scope, batch.users, std::span(which).subspan(from, count),
                                                                 run_.call.editor, {.look_first = look})))
                    outcome.push_back(std::move(slot));
                return {};
            };
            TRY(migration::write_slices(which.size(), pace_.slice(which.size()), writers_wait, create_some));
            return {};
        });
    });
    pace_.wrote(written ? outcome.size() : which.size(), Pace::Clock::now() - begun);
    if (!written) return user::BatchOutcome(which.size(), fail(std::move(written).error()));
    met_known_ = std::ranges::any_of(outcome, is_known);
    return outcome;
}

/// False when the run has stopped.
template <class Record>
bool UserImport<Record>::write(Batch& batch) {
    std::size_t slot = 0, first = 0;
    while (slot < batch.slots.size()) {
        if (run_.stopped()) return false;
        user::BatchOutcome outcome = first < batch.users.size() ? create(batch, first) : user::BatchOutcome();
        std::size_t used = 0;
        for (; slot < batch.slots.size() && (batch.slots[slot].refused || used < outcome.size()); ++slot) {
            const Slot& record = batch.slots[slot];
            if (record.refused) {
                run_.refuse(type_, record.id, *record.refused);
            } else if (auto& result = outcome[used++]) {
                created_(std::move(result->public_id));
            } else {
                run_.refuse(type_, record.id, result.error());
            }
            run_.done(1);
        }
        first += outcome.size();
    }
    return true;
}

}  // namespace

void import_human_users(ImportRun& run, const OrgImport& org) {
    UserImport<DataHumanUser>(run, org, "human_users", "human_user", [&](std::string id) {
        org.success.add_human_user_ids(std::move(id));
    }).run();
}

void import_machine_users(ImportRun& run, const OrgImport& org) {
    UserImport<DataMachineUser>(run, org, "machine_users", "machine_user", [&](std::string id) {
        org.success.add_machine_user_ids(std::move(id));
    }).run();
}

}  // namespace godwit::api
