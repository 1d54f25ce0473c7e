#include "migration/engine/initial_load.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/log.h"
#include "migration/engine/batch.h"
#include "migration/engine/jobs.h"
#include "migration/engine/matching.h"
#include "store/initial_load.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

/// Tables that grow with the users.
constexpr std::array<std::string_view, 10> kTables{"users",  "user_totp",   "passkeys",     "idp_links", "external_refs",
                                                   "events", "user_grants", "machine_keys", "metadata",  "recovery_codes"};
/// Building the indexes of a smaller source's users takes as long as keeping them.
constexpr std::uint64_t kWorthwhile = 4 << 20;
/// Whoever is here already is looked at one by one.
constexpr std::int64_t kNearlyNobody = 1'000;
/// A record of a hundred bytes makes a claim; a filter for more keys than memory should be given to finds more to put off.
constexpr std::uint64_t kBytesPerClaim = 100;
constexpr std::uint64_t kMaxKeys = 20'000'000;

constexpr std::uint64_t kBitsPerKey = 24;
constexpr int kBitsSet = 8;

Result<bool> has_at_most(store::Reader& db, std::string_view table, std::int64_t rows) {
    std::int64_t found = 0;
    TRY(db.system_query("SELECT COUNT(*) FROM (SELECT 1 FROM " + std::string(table) + " LIMIT ?2) few", {rows + 1},
                        [&](const store::Row& row) { found = row.i64(0); }));
    return found <= rows;
}

}  // namespace

ClaimFilter::ClaimFilter(std::uint64_t keys) : blocks_(std::max<std::uint64_t>(1, keys * kBitsPerKey / 512)) {}

bool ClaimFilter::add(std::string_view key) {
    std::uint64_t hash = std::hash<std::string_view>()(key);
    Block& block = blocks_[hash % blocks_.size()];
    bool fresh = false;
    for (int i = 0; i < kBitsSet; ++i) {
        hash = hash * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03;
        const std::uint64_t at = hash >> 55;  // of 512
        const std::uint64_t bit = std::uint64_t{1} << (at % 64);
        fresh = fresh || (block.words[at / 64] & bit) == 0;
        block.words[at / 64] |= bit;
    }
    return fresh;
}

Result<std::unique_ptr<InitialLoad>> InitialLoad::begin(store::Store& store, const JobRow& job, InstanceScope instance, std::uint64_t bytes,
                                                        const std::function<Result<std::shared_ptr<void>>()>& sole_use) {
    if (bytes < kWorthwhile) return nullptr;
    auto alone = TRY(sole_use());
    if (!alone) return nullptr;
    std::unique_ptr<InitialLoad> load(new InitialLoad(std::clamp<std::uint64_t>(bytes / kBytesPerClaim, 1'000, kMaxKeys)));
    const bool right = TRY(store.read(store::Database::directory, [&](store::Reader& db) -> Result<bool> {
        if (!TRY(has_at_most(db, "users", kNearlyNobody)) || !TRY(has_at_most(db, "external_refs", kNearlyNobody)) ||
            !TRY(has_at_most(db, "idp_links", 0)) || !TRY(has_at_most(db, "passkeys", kNearlyNobody)) ||
            !TRY(has_at_most(db, "machine_keys", kNearlyNobody)))
            return false;
        TRY(load->add_known(db, job, instance));
        return true;
    }));
    if (!right) return nullptr;
    TRY(store::begin_initial_load(store, kTables));
    load->alone_ = std::move(alone);
    log::info("an initial load: indexes are built when all users are there", {{"job", job.job.id()}});
    return load;
}

Result<void> InitialLoad::mark(store::Store& store, const JobRow& job, InstanceScope instance, Batch& batch) {
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        Matcher matcher(db, instance, job, nullptr);
        for (std::size_t i = 0; i < batch.records.size(); ++i) {
            Prepared& record = batch.records[i];
            const bool comes = record.refused.empty() && batch.users.refused(i) == nullptr;
            const std::vector<std::string> claims = comes ? TRY(matcher.claims(batch, i)) : std::vector{"s " + record.source_id};
            record.held = !admit(claims) && comes;
        }
        return {};
    });
}

/// True when nobody has any of these claims; they are somebody's from now on.
bool InitialLoad::admit(std::span<const std::string> claims) {
    bool free = true;
    for (const std::string& claim : claims) free = taken_.add(claim) && free;
    return free;
}

/// The claims of those who are here, in the form of Matcher::claims, with the other form of their login names.
Result<void> InitialLoad::add_known(store::Reader& db, const JobRow& job, InstanceScope instance) {
    const auto name = [&](std::int64_t scope, std::string_view key) { taken_.add("n " + std::to_string(scope) + " " + std::string(key)); };
    TRY(db.query(instance, "SELECT login_scope, name_key, public_id_key, email_key FROM users WHERE instance_no = ?1", {},
                 [&](const store::Row& row) {
                     name(row.i64(0), row.text(1));
                     if (!row.null(2)) taken_.add("i " + std::string(row.text(2)));
                     taken_.add("e " + std::string(row.null(3) ? row.text(1) : row.text(3)));
                 }));
    TRY(db.query(instance,
                 "SELECT u.login_scope, u.name_key, d.domain, d.org_id FROM users u JOIN org_domains d ON d.instance_no = u.instance_no "
                 "WHERE u.instance_no = ?1 AND d.verified = 1 AND (u.login_scope = 0 OR u.login_scope = d.org_id)",
                 {}, [&](const store::Row& row) {
                     const std::string_view key = row.text(1);
                     const std::string at = "@" + std::string(row.text(2));
                     if (row.i64(0) != 0) return name(0, std::string(key) + at);
                     if (key.ends_with(at)) name(row.i64(3), key.substr(0, key.size() - at.size()));
                 }));
    TRY(db.query(instance, "SELECT external_id FROM external_refs WHERE instance_no = ?1 AND source_no = ?2", {job.source_no},
                 [&](const store::Row& row) { taken_.add("s " + std::string(row.text(0))); }));
    TRY(db.query(instance, "SELECT external_id FROM external_refs WHERE instance_no = ?1 AND source_no = 2", {},
                 [&](const store::Row& row) { taken_.add(subject_claim(row.text(0))); }));
    TRY(db.query(instance, "SELECT rp_id, credential_id FROM passkeys WHERE instance_no = ?1", {},
                 [&](const store::Row& row) { taken_.add(passkey_claim(row.text(0), row.blob(1))); }));
    TRY(db.query(instance, "SELECT public_id_key FROM machine_keys WHERE instance_no = ?1 AND public_id_key IS NOT NULL", {},
                 [&](const store::Row& row) { taken_.add(machine_key_claim(row.text(0))); }));
    return {};
}

}  // namespace godwit::migration
