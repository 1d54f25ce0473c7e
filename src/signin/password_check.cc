#include "signin/password_check.h"

#include "base/lane.h"
#include "credentials/password/hasher.h"
#include "credentials/password/verifier.h"
#include "directory/settings/settings.h"
#include "directory/user/links.h"
#include "directory/user/newcomers.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "signin/attempts.h"

namespace godwit::signin {
namespace {

/// How long a check may wait for the memory of its hash; the lane has waited before.
constexpr std::chrono::seconds kHashWait{5};
/// There was no memory for the hash in time, or nobody waits for it any more.
bool was_not_begun(const Error& error) {
    return error.code == Code::resource_exhausted || error.code == Code::deadline_exceeded || error.code == Code::cancelled;
}
password::Deadline hash_deadline() { return std::chrono::steady_clock::now() + kHashWait; }

}  // namespace

Error to_error(const Outcome& outcome) {
    switch (outcome.verdict) {
        case Verdict::locked:
            return {Code::failed_precondition, "COMMAND-SFA3t", "User is locked"};
        case Verdict::not_active:
            return {Code::failed_precondition, "SESSION-Gj4ko", "Errors.User.NotActive"};
        case Verdict::no_password:
            return {Code::failed_precondition, "COMMAND-3nJ4t", "User has not set a password"};
        case Verdict::wrong:
        case Verdict::verified:
            break;
    }
    return {Code::invalid_argument, "COMMAND-3M0fs", "Password is invalid", outcome.failed};
}

Result<Outcome> PasswordCheck::verify(const user::Ref& ref, std::string_view password, const store::Editor& editor) {
    const auto stored = TRY(passwords_.find(ref));
    Outcome outcome;
    if (stored) {
        outcome.user = stored->user;
        outcome.change_required = stored->change_required;
        if (stored->state == user::State::locked) {
            outcome.verdict = Verdict::locked;
        } else if (!stored->org_active || (stored->state != user::State::active && stored->state != user::State::initial)) {
            outcome.verdict = Verdict::not_active;
        } else if (stored->encoded.empty()) {
            outcome.verdict = Verdict::no_password;
        } else {
            return check(*stored, ref.instance, password, editor);
        }
    }
    // Nobody, or nobody who may come in: it must take as long as a check.
    TRY(parts_.hasher.dummy_verify(password, hash_deadline()));
    return outcome;
}

Result<Outcome> PasswordCheck::check(const user::StoredPassword& stored, InstanceScope instance, std::string_view password,
                                     const store::Editor& editor) {
    Outcome outcome{.verdict = Verdict::wrong, .user = stored.user, .change_required = stored.change_required};
    outcome.allowed = TRY(parts_.settings.get<settings::v1::LockoutPolicy>(OrgScope(instance, stored.org))).value.max_password_attempts();
    Attempts attempts(Tried::password, parts_.store, parts_.sealers, instance, stored.user, stored.auth_epoch);
    if (outcome.allowed > 0) outcome.failed = TRY(attempts.count());
    const bool beyond = outcome.allowed > 0 && outcome.failed > outcome.allowed;

    if (beyond) {
        TRY(parts_.hasher.dummy_verify(password, hash_deadline()));
    } else {
        auto right = parts_.verifier.verify(password, stored.encoded, hash_deadline());
        if (!right && was_not_begun(right.error())) return fail(std::move(right).error());
        if (!right) return fail(Code::internal, "COMMAND-CahN2", "An internal error occurred");
        if (*right) {
            outcome.verdict = Verdict::verified;
            outcome.failed = 0;
            TRY(attempts.reset());
            succeeded(stored, instance, password);
            return outcome;
        }
    }
    if (outcome.allowed == 0) outcome.failed = TRY(attempts.count());
    if (outcome.allowed > 0 && outcome.failed >= outcome.allowed) {
        TRY(lock_out(parts_.users, instance, stored.user, editor));
        if (beyond) outcome.verdict = Verdict::locked;
    }
    return outcome;
}

void PasswordCheck::succeeded(const user::StoredPassword& stored, InstanceScope instance, std::string_view password) {
    if (stored.proved && !parts_.hasher.needs_rehash(stored.encoded)) return;
    std::optional<user::NewPassword> better;
    if (parts_.hasher.needs_rehash(stored.encoded)) {
        // The configured hasher may not take this password (bcrypt and more than 72 bytes): then the old form stays.
        if (auto encoded = parts_.hasher.hash(password, hash_deadline())) {
            better = user::NewPassword{.encoded = *encoded, .scheme = {}, .change_required = stored.change_required};
            if (const auto accepted = parts_.verifier.accept(*encoded)) better->scheme = accepted->scheme;
        }
    }
    afterwards_.add([this, instance, user = stored.user, expected = stored.encoded, better = std::move(better)]() -> Result<void> {
        if (!better) return passwords_.note_proof(instance, user, expected);
        TRY(passwords_.rehash(instance, user, expected, *better));
        return {};
    });
}

void PasswordCheck::signed_in(InstanceScope instance, UserId user, bool factors) {
    afterwards_.add([this, instance, user, factors]() -> Result<void> {
        if (!factors && TRY(user::Links(parts_.store).enrolled(instance, user)).second_factor()) return {};
        return user::note_signed_in(parts_.store, instance, user);
    });
}

Result<bool> PasswordCheck::is_current(const user::Ref& ref, std::string_view password) {
    const auto stored = TRY(passwords_.find(ref));
    if (!stored || stored->encoded.empty()) return false;
    return parts_.verifier.verify(password, stored->encoded, hash_deadline());
}

Result<void> PasswordCheck::check_policy(const OrgScope& org, std::string_view password) const {
    const auto policy = TRY(parts_.settings.get<settings::v1::PasswordComplexityPolicy>(org)).value;
    return user::check_complexity(password, {.min_length = policy.min_length(),
                                             .lower = policy.has_lowercase(),
                                             .upper = policy.has_uppercase(),
                                             .number = policy.has_number(),
                                             .symbol = policy.has_symbol()});
}

Result<user::NewPassword> PasswordCheck::prepare(const OrgScope& org, std::string_view password, bool change_required) const {
    TRY(check_policy(org, password));
    std::unique_lock turn(elsewhere_, std::defer_lock);
    const auto lane = Lanes::here();
    if (lane && *lane != Lane::hash && *lane != Lane::bulk && !turn.try_lock_for(kHashWait))
        return fail(Code::resource_exhausted, "USER-Busy1", "too many passwords wait to be hashed; try again");
    user::NewPassword out{.encoded = TRY(parts_.hasher.hash(password, hash_deadline())), .scheme = {}, .change_required = change_required};
    if (const auto accepted = parts_.verifier.accept(out.encoded)) out.scheme = accepted->scheme;
    return out;
}

Result<std::optional<user::NewPassword>> PasswordCheck::take_over(std::string_view value, const password::Declaration& declaration,
                                                                  bool change_required) const {
    auto accepted = TRY(parts_.verifier.accept(value, declaration));
    if (accepted.no_password()) return std::nullopt;
    return user::NewPassword{
        .encoded = std::move(accepted.encoded), .scheme = std::string(accepted.scheme), .change_required = change_required};
}

}  // namespace godwit::signin
