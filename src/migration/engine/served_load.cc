#include "migration/engine/served_load.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/log.h"
#include "store/initial_load.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

/// Wide trees that each batch touches all over, or conditions to be looked at for each row; and nothing but searches and orders read them,
/// and of the first the matching by e-mail address. Nobody signs in by any of them.
constexpr std::string_view kEmails = "users_email";
constexpr std::array<std::string_view, 9> kLeftOut{kEmails,       "users_email_name", "users_phone", "users_org_name", "users_display",
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

void warn(const Error& error) {
    log::warn("indexes of users are missing still, and searches slow; it is tried again", {{"error", error.message}});
}

}  // namespace

ServedLoads::~ServedLoads() {
    again_.request_stop();
    wake_.notify_all();
}

Result<bool> ServedLoads::begin(store::Store& store) {
    const std::lock_guard lock(mutex_);
    if (open_) return false;
    open_ = TRY(store::begin_initial_load(store, std::span(kLeftOut).subspan(need_emails_ > 0 ? 1 : 0)));
    return open_;
}

void ServedLoads::end(store::Store& store, const Hooks& hooks) {
    const auto ended = store::end_initial_load(store, hooks.on_index, hooks.ending);
    if (!ended) warn(ended.error());
    const std::lock_guard lock(mutex_);
    open_ = !ended || !*ended;
    if (!ended) again_ = std::jthread([this, &store](const std::stop_token& stop) { keep_trying(store, stop); });
}

Result<std::shared_ptr<void>> ServedLoads::need_emails(store::Store& store) {
    const std::lock_guard lock(mutex_);
    if (open_) TRY(store::build_left_out(store, kEmails));
    ++need_emails_;
    return std::shared_ptr<void>(this, [this](void*) { --need_emails_; });
}

void ServedLoads::keep_trying(store::Store& store, const std::stop_token& stop) {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, limits_.patience, [] { return false; });
            if (stop.stop_requested()) return;
        }
        const auto ended = store::end_initial_load(store, {}, [&] { return stop.stop_requested(); });
        if (!ended) {
            warn(ended.error());
            continue;
        }
        const std::lock_guard lock(mutex_);
        open_ = !*ended;
        return;
    }
}

void ServedLoad::consider(std::uint64_t of_job, std::uint64_t of_run, Clock::time_point now) {
    if (!loads_) return;
    measure(of_run, now);
    if (open_) {
        if (!fast_) end();
        return;
    }
    if (fast_ && of_run >= ended_at_ + std::max(loads_->limits().many, of_job / kPart)) begin(of_job);
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

Result<bool> ServedLoad::try_begin(std::uint64_t of_job) {
    const std::uint64_t most = of_job + kNearlyNobody;
    if (store_.engine() != "sqlite" || TRY(count_users(store_, most + 1)) > most) return false;
    return loads_->begin(store_);
}

void ServedLoad::begin(std::uint64_t of_job) {
    const auto begun = try_begin(of_job);
    open_ = begun && *begun;
    if (open_) {
        log::info("an initial load: indexes that searches need are built when all users are there", {{"users", of_job}});
        return;
    }
    if (!begun) log::warn("indexes of users are kept up while they come", {{"error", begun.error().message}});
    loads_ = nullptr;
}

void ServedLoad::end() {
    if (!open_) return;
    open_ = false;
    ended_at_ = brought_;
    loads_->end(store_, hooks_);
}

}  // namespace godwit::migration
