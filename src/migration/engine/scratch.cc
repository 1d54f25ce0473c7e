#include "migration/engine/scratch.h"

#include <filesystem>
#include <vector>

#include "crypto/random.h"
#include "store/query_in.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

using store::Database;

constexpr InstanceScope kScope = InstanceScope::of({1});

}  // namespace

Scratch::Scratch(std::string folder, std::unique_ptr<store::Store> store) : folder_(std::move(folder)), store_(std::move(store)) {}

Scratch::~Scratch() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<Scratch>> Scratch::create(const std::string& directory, const Clock& clock) {
    const std::string folder = directory + "/rehearsal-" + crypto::random_string(12, "abcdefghijklmnopqrstuvwxyz0123456789");
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Code::unavailable, "MIGRATE-Scr01", "the rehearsal's folder " + folder + " cannot be made: " + error.message());
    auto store = store::open_sqlite({.directory = folder, .readers = 2}, clock);
    if (!store) {
        std::filesystem::remove_all(folder, error);
        return std::unexpected(store.error());
    }
    return std::unique_ptr<Scratch>(new Scratch(folder, *std::move(store)));
}

// A claim is a row of external_refs, which has the columns for it: key, who, hash.
Result<void> Scratch::add(std::span<const Claim> claims) {
    return store_->write_bulk(Database::directory, [&](store::Writer& db) -> Result<void> {
        for (const Claim& claim : claims) {
            TRY(db.exec(kScope,
                        "INSERT INTO external_refs (instance_no, source_no, external_id, object_id, kind, state, hash64) "
                        "VALUES (?1, 16, ?2, ?3, 1, 3, ?4) ON CONFLICT (instance_no, source_no, external_id) DO UPDATE SET "
                        "hash64 = excluded.hash64 WHERE external_refs.object_id = excluded.object_id",
                        {claim.key, claim.by, claim.hash64}));
        }
        return {};
    });
}

Result<std::unordered_map<std::string, Scratch::Claim>> Scratch::find(std::span<const std::string> keys) {
    std::unordered_map<std::string, Claim> out;
    TRY(store_->read(Database::directory, [&](store::Reader& db) -> Result<void> {
        return store::query_in(
            db, kScope,
            "SELECT external_id, object_id, hash64 FROM external_refs WHERE instance_no = ?1 AND source_no = 16 AND external_id", {}, keys,
            [&](const store::Row& row) {
                out.emplace(row.text(0), Claim{.key = std::string(row.text(0)), .by = row.i64(1), .hash64 = row.i64(2)});
            });
    }));
    return out;
}

}  // namespace godwit::migration
