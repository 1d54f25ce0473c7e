#include "signin/attempts.h"

#include "crypto/digest.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/users.h"
#include "store/store.h"

namespace godwit::signin {
Result<std::string> Attempts::subject() const {
    const auto sealer = TRY(sealers_.of(instance_));
    const Secret key = sealer->subkey("counters of attempts");
    return crypto::hmac_sha256(key.reveal(), std::to_string(user_.key) + "/" + std::to_string(auth_epoch_));
}

Result<std::uint64_t> Attempts::count(std::optional<std::chrono::microseconds> window) {
    const std::string who = TRY(subject());
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<std::uint64_t> {
        std::uint64_t n = 0;
        const Time oldest = window ? db.now() - *window : Time{};  // a window that began before is over
        TRY(db.query(instance_,
                     "INSERT INTO counters (instance_no, kind, subject_hmac, n, window_start) VALUES (?1, ?2, ?3, 1, ?4) "
                     "ON CONFLICT (instance_no, kind, subject_hmac) DO UPDATE SET "
                     "n = CASE WHEN counters.window_start < ?5 THEN 1 ELSE counters.n + 1 END, "
                     "window_start = CASE WHEN counters.window_start < ?5 THEN excluded.window_start ELSE counters.window_start END "
                     "RETURNING n",
                     {static_cast<int>(what_), store::Blob{who}, db.now(), oldest},
                     [&](const store::Row& row) { n = static_cast<std::uint64_t>(row.i64(0)); }));
        return n;
    });
}

Result<void> Attempts::reset() {
    const std::string who = TRY(subject());
    // Most sign-ins come without a failure before them: they write nothing here.
    const auto counted = TRY(store_.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(instance_, "SELECT n FROM counters WHERE instance_no = ?1 AND kind = ?2 AND subject_hmac = ?3",
                        {static_cast<int>(what_), store::Blob{who}}, [](const store::Row&) {});
    }));
    if (counted == 0) return {};
    return store_.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(instance_, "DELETE FROM counters WHERE instance_no = ?1 AND kind = ?2 AND subject_hmac = ?3",
                    {static_cast<int>(what_), store::Blob{who}}));
        return {};
    });
}

Result<void> lock_out(user::Users& users, InstanceScope instance, UserId user, const store::Editor& editor) {
    const auto locked = users.lock(user::Ref::of(instance, user), editor);
    if (!locked && locked.error().code != Code::failed_precondition) return fail(locked.error());
    return {};
}

}  // namespace godwit::signin
