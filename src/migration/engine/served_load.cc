#include "migration/engine/served_load.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/log.h"
#include "store/initial_load.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

/// Wide trees that each batch touches all over, or conditions to be looked at for each row; and nothing but searches and orders (and
/// sign-ins by e-mail address or phone number) read them.
constexpr std::array<std::string_view, 9> kLeftOut{"users_email", "users_email_name", "users_phone", "users_org_name", "users_display",
                                                   "users_given", "users_family",     "users_nick",  "users_unfolded"};

/// Building indexes costs a row a tenth of keeping them up while it comes: it pays once the run has brought this part of all.
constexpr std::uint64_t kPart = 8;
constexpr std::uint64_t kNearlyNobody = 1'000;

Result<std::uint64_t> count_users(store::Store& store, std::uint64_t at_most) {
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<std::uint64_t> {
        std::int64_t found = 0;
        TRY(db.system_query("SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT ?2) few", {static_cast<std::int64_t>(at_most)},
                            [&](const store::Row& row) { found = row.i64(0); }));
        return static_cast<std::uint64_t>(found);
    });
}

}  // namespace

ServedLoads::~ServedLoads() {
    again_.request_stop();
    wake_.notify_all();
}

Result<bool> ServedLoads::begin(store::Store& store) {
    const std::lock_guard lock(mutex_);
    if (open_) return false;
    open_ = TRY(store::begin_initial_load(store, kLeftOut));
    return open_;
}

Result<void> ServedLoads::end(store::Store& store, const Progress& progress) {
    auto ended = store::end_initial_load(store, progress);
    const std::lock_guard lock(mutex_);
    open_ = !ended;
    if (!ended) again_ = std::jthread([this, &store](const std::stop_token& stop) { keep_trying(store, stop); });
    return ended;
}

void ServedLoads::keep_trying(store::Store& store, const std::stop_token& stop) {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, limits_.patience, [] { return false; });
            if (stop.stop_requested()) return;
        }
        const auto ended = store::end_initial_load(store);
        if (!ended) {
            log::warn("indexes of users are missing still, and searches slow; trying again", {{"error", ended.error().message}});
            continue;
        }
        const std::lock_guard lock(mutex_);
        open_ = false;
        return;
    }
}

Result<void> ServedLoad::consider(std::uint64_t of_job, std::uint64_t of_run, Clock::time_point now, const Progress& progress) {
    if (!loads_) return {};
    measure(of_run, now);
    if (open_) return fast_ ? Result<void>() : end(progress);
    const bool due = of_run >= ended_at_ + std::max(loads_->limits().many, of_job / kPart);
    return due && fast_ ? begin(of_job) : Result<void>();
}

void ServedLoad::measure(std::uint64_t of_run, Clock::time_point now) {
    if (marked_ == Clock::time_point{}) marked_ = now;
    brought_ = of_run;
    const bool many = of_run >= mark_ + loads_->limits().many;
    if (!many && now - marked_ <= loads_->limits().slow) return;
    fast_ = many;
    mark_ = of_run;
    marked_ = now;
}

Result<void> ServedLoad::begin(std::uint64_t of_job) {
    const std::uint64_t most = of_job + kNearlyNobody;
    open_ = store_.engine() == "sqlite" && TRY(count_users(store_, most + 1)) <= most && TRY(loads_->begin(store_));
    if (open_) {
        log::info("an initial load: indexes that searches need are built when all users are there", {{"users", of_job}});
    } else {
        loads_ = nullptr;
    }
    return {};
}

Result<void> ServedLoad::end(const Progress& progress) {
    if (!open_) return {};
    open_ = false;
    ended_at_ = brought_;
    return loads_->end(store_, progress);
}

}  // namespace godwit::migration
