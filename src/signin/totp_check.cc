#include "signin/totp_check.h"

#include <map>

#include "credentials/totp/totp.h"
#include "directory/settings/settings.h"
#include "directory/user/passwords.h"
#include "directory/user/totps.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "signin/attempts.h"
#include "store/store.h"

namespace godwit::signin {
namespace {

using store::Database;

totp::Parameters parameters_of(const user::NewTotp& totp) {
    const auto hash = totp.algorithm == "SHA256"   ? crypto::Hash::sha256
                      : totp.algorithm == "SHA512" ? crypto::Hash::sha512
                                                   : crypto::Hash::sha1;
    return {.hash = hash, .digits = totp.digits, .period = std::chrono::seconds(totp.period)};
}

}  // namespace

Error to_code_error(const Outcome& outcome) {
    switch (outcome.verdict) {
        case Verdict::locked:
            return {Code::failed_precondition, "COMMAND-SF3fg", "User is locked"};
        case Verdict::not_active:
            return {Code::failed_precondition, "SESSION-Gj4ko", "Errors.User.NotActive"};
        case Verdict::no_password:
            return {Code::failed_precondition, "COMMAND-3Mif9s", "Multifactor OTP (OneTimePassword) isn't ready"};
        case Verdict::wrong:
        case Verdict::verified:
            break;
    }
    return {Code::invalid_argument, "EVENT-8isk2", "Invalid code"};
}

/// Says whether the step is new, and remembers it: of two sign-ins with one code, one is refused.
Result<bool> TotpCheck::use(InstanceScope instance, UserId user, std::int64_t factor, std::int64_t step) {
    return parts_.store.write(Database::runtime, [&](store::Writer& db) -> Result<bool> {
        const auto changed = TRY(db.exec(instance,
                                         "INSERT INTO factor_use (instance_no, user_id, factor_id, last_step, last_at) "
                                         "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (instance_no, user_id, factor_id) DO UPDATE SET "
                                         "last_step = excluded.last_step, last_at = excluded.last_at "
                                         "WHERE factor_use.last_step < excluded.last_step",
                                         {user, factor, step, db.now()}));
        return changed > 0;
    });
}

Result<bool> TotpCheck::matches(InstanceScope instance, UserId user, std::string_view code, bool& has_totp) {
    const auto totps = TRY(user::find_totps(parts_.store, parts_.sealers, instance, user));
    has_totp = !totps.empty();
    std::map<std::int64_t, std::int64_t> used;
    TRY(parts_.store.read(Database::runtime, [&](store::Reader& db) {
        return db.query(instance, "SELECT factor_id, last_step FROM factor_use WHERE instance_no = ?1 AND user_id = ?2", {user},
                        [&](const store::Row& row) { used[row.i64(0)] = row.i64(1); });
    }));
    for (const auto& [id, totp] : totps) {
        const auto last = used.find(id);
        const auto step = totp::verify(totp.key, parameters_of(totp), code, parts_.clock.now(),
                                       last == used.end() ? std::nullopt : std::optional(last->second));
        if (step && TRY(use(instance, user, id, *step))) return true;
    }
    return false;
}

Result<Outcome> TotpCheck::verify(const user::Ref& ref, std::string_view code, const store::Editor& editor) {
    Outcome outcome;
    const auto stored = TRY(user::Passwords(parts_.store).find(ref));
    if (!stored) return outcome;
    outcome.user = stored->user;
    if (stored->state == user::State::locked) {
        outcome.verdict = Verdict::locked;
        return outcome;
    }
    if (!stored->org_active || (stored->state != user::State::active && stored->state != user::State::initial)) {
        outcome.verdict = Verdict::not_active;
        return outcome;
    }
    const OrgScope org(ref.instance, stored->org);
    outcome.allowed = TRY(parts_.settings.get<settings::v1::LockoutPolicy>(org)).value.max_otp_attempts();
    const bool locks = outcome.allowed > 0;
    Attempts attempts(Tried::code, parts_.store, parts_.sealers, ref.instance, stored->user, stored->auth_epoch);
    outcome.failed = TRY(attempts.count(locks ? std::nullopt : std::optional<std::chrono::microseconds>(kAttemptWindow)));
    if (!locks && outcome.failed > kAttemptsAtOnce)
        return fail(Code::resource_exhausted, "USER-Otp08", "too many one-time codes were tried; try again in a few minutes");
    const bool beyond = locks && outcome.failed > outcome.allowed;

    bool has_totp = true;
    if (!beyond && TRY(matches(ref.instance, stored->user, code, has_totp))) {
        outcome.verdict = Verdict::verified;
        outcome.failed = 0;
        TRY(attempts.reset());
        return outcome;
    }
    if (!has_totp) {
        outcome.verdict = Verdict::no_password;
        TRY(attempts.reset());  // there was nothing to guess
        return outcome;
    }
    if (locks && outcome.failed >= outcome.allowed) {
        TRY(lock_out(parts_.users, ref.instance, stored->user, editor));
        if (beyond) outcome.verdict = Verdict::locked;
    }
    return outcome;
}

}  // namespace godwit::signin
