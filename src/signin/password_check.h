// Checking a typed password: lockout, the stored hash, the way to a better hash. Runs in the caller's thread, which is one of Lane::hash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "directory/user/passwords.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::password {
class Hasher;
}
namespace godwit::settings {
class Settings;
}

namespace godwit::signin {

/// What came of a check. Only `verified` lets anyone in.
enum class Verdict {
    verified,
    wrong,        ///< also for a user that does not exist
    locked,       ///< the state, or just now by too many attempts
    not_active,   ///< deactivated, suspended
    no_password,  ///< has none to check
};

struct Outcome {
    Verdict verdict = Verdict::wrong;
    UserId user;  ///< 0 for an unknown user
    bool change_required = false;
    /// Failed attempts so far, and how many lock the account (0: never).
    std::uint64_t failed = 0, allowed = 0;
};

/// The error the session service answers for a verdict that is not `verified`: COMMAND-3M0fs (wrong), COMMAND-3nJ4t (no password),
/// SESSION-Gj4ko (not active), COMMAND-SFA3t (locked).
Error to_error(const Outcome& outcome);

class PasswordCheck {
public:
    PasswordCheck(store::Store& store, const settings::Settings& settings, const password::Hasher& hasher)
        : store_(store), settings_(settings), hasher_(hasher), passwords_(store) {}

    /// Verifies `password` of the user. Counts failures (runtime) and locks the user when the lockout policy says so; on success the
    /// counter is reset and, when the scheme or its cost differs from the configured one, the same password is stored in the
    /// configured form (the old form stays until that commit). An unknown user costs as much as a known one.
    /// Errors: only of machinery (store away, no memory for the hash in time, a stored hash that cannot be computed: internal
    /// COMMAND-CahN2).
    Result<Outcome> verify(const user::Ref& ref, std::string_view password, const store::Editor& editor);

    /// Hashes a new password after checking it against the complexity policy of `org`. Lane::hash.
    Result<user::NewPassword> prepare(const OrgScope& org, std::string_view password, bool change_required) const;

private:
    Result<void> succeeded(const user::StoredPassword& stored, InstanceScope instance, std::string_view password);
    Result<void> failed(const user::StoredPassword& stored, InstanceScope instance, const store::Editor& editor, Outcome& outcome);

    store::Store& store_;
    const settings::Settings& settings_;
    const password::Hasher& hasher_;
    user::Passwords passwords_;
};

}  // namespace godwit::signin
