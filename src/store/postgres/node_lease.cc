#include "store/postgres/node_lease.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>

#include "base/encoding.h"
#include "base/log.h"
#include "store/schema/id_mark.h"

namespace godwit::store::postgres {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kLease{60};
constexpr std::chrono::seconds kTrusted{30};

std::string random_boot_id() {
    std::array<char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
    return hex_encode({bytes.data(), bytes.size()});
}

}  // namespace

NodeLease::NodeLease(const Clock& clock, Write write) : clock_(clock), write_(std::move(write)), boot_id_(random_boot_id()) {}

NodeLease::~NodeLease() {
    if (node_ < 0) return;
    auto released = write_([&](Writer& db) -> Result<void> {
        TRY(db.system_exec("UPDATE nodes SET lease_until = 0, id_mark = ?2 WHERE node_no = ?3 AND boot_id = ?4",
                           {ids_->high_water(), node_, boot_id_}));
        return {};
    });
    if (!released) log::warn("the node number stays leased for a minute", {{"node", node_}});
}

Result<void> NodeLease::renew() {
    const std::lock_guard one_at_a_time(renewing_);
    if (node_ >= 0) {
        if (TRY(extend())) return {};
        log::error("the lease of the node number went to another node; taking a fresh one", {{"node", node_}});
    }
    return take();
}

/// False when the row is another node's now.
Result<bool> NodeLease::extend() {
    const auto asked_at = Steady::now();
    const Time mark = schema::next_id_mark(clock_.now(), ids_->high_water());
    std::int64_t changed = 0;
    TRY(write_([&](Writer& db) -> Result<void> {
        changed = TRY(db.system_exec("UPDATE nodes SET lease_until = " GODWIT_DATABASE_MICROS
                                     " + ?2, id_mark = ?3 WHERE node_no = ?4 AND boot_id = ?5",
                                     {std::chrono::microseconds(kLease).count(), mark, node_, boot_id_}));
        return {};
    }));
    if (changed == 0) return false;
    hold(ids_, node_, mark, asked_at);
    return true;
}

Result<void> NodeLease::take() {
    const auto asked_at = Steady::now();
    int node = -1;
    Time used;
    Time mark;
    TRY(write_([&](Writer& db) -> Result<void> {
        TRY(db.system_query("SELECT pg_advisory_xact_lock_shared(" GODWIT_SOLE_USE_LOCK ") IS NULL", {}, [](const Row&) {}));
        // Nodes that start together choose one after the other: the lowest number that is not in use.
        TRY(db.system_exec("LOCK TABLE nodes IN SHARE ROW EXCLUSIVE MODE", {}));
        node = 0;
        used = kIdEpoch;
        bool found = false;
        TRY(db.system_query("SELECT node_no, id_mark, lease_until < " GODWIT_DATABASE_MICROS " FROM nodes ORDER BY node_no", {},
                            [&](const Row& row) {
                                if (found || row.i64(0) != node) return;
                                found = row.flag(2);
                                if (found) used = row.time(1);
                                if (!found) ++node;
                            }));
        if (node >= kMaxIdNodes) return fail(Code::resource_exhausted, "STORE-nodes", "all 1,024 node numbers are in use");
        mark = schema::next_id_mark(clock_.now(), used);
        TRY(db.system_exec("INSERT INTO nodes (node_no, boot_id, lease_until, id_mark) VALUES (?2, ?3, " GODWIT_DATABASE_MICROS
                           " + ?4, ?5) ON CONFLICT (node_no) DO UPDATE SET boot_id = excluded.boot_id, lease_until = excluded.lease_until, "
                           "id_mark = excluded.id_mark",
                           {node, boot_id_, std::chrono::microseconds(kLease).count(), mark}));
        return {};
    }));
    hold(std::make_shared<IdGenerator>(clock_, node, used), node, mark, asked_at);
    return {};
}

void NodeLease::hold(std::shared_ptr<IdGenerator> ids, int node, Time mark, Steady::time_point asked_at) {
    ids->allow_until(mark);
    const std::lock_guard lock(mutex_);
    ids_ = std::move(ids);
    node_ = node;
    valid_until_ = asked_at + kTrusted;
}

Result<std::shared_ptr<IdGenerator>> NodeLease::ids() const {
    const std::lock_guard lock(mutex_);
    if (Steady::now() < valid_until_) return ids_;
    return fail(Code::unavailable, "STORE-lease", "this node lost touch with the database; try again");
}

}  // namespace godwit::store::postgres
