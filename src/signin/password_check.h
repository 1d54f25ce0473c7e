// Checking a typed password: lockout, the stored hash, the way to a better hash. Runs in the caller's thread, which is one of Lane::hash.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "directory/user/passwords.h"
#include "directory/user/types.h"
#include "signin/afterwards.h"
#include "store/editor.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::password {
struct Declaration;
class Hasher;
class Verifier;
}  // namespace godwit::password
namespace godwit::settings {
class Settings;
}
namespace godwit::user {
class Users;
}

namespace godwit::signin {

/// What came of a check. Only `verified` lets anyone in.
enum class Verdict {
    verified,
    wrong,        ///< also for a user that does not exist
    locked,       ///< the state, or just now by too many attempts
    not_active,   ///< deactivated, suspended, or of an organization that is
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
    struct Parts {
        store::Store& store;
        const settings::Settings& settings;
        const key::Sealers& sealers;
        user::Users& users;
        const password::Verifier& verifier;
        const password::Hasher& hasher;
    };
    explicit PasswordCheck(const Parts& parts) : parts_(parts), passwords_(parts.store) {}

    /// Verifies `password` of the user. Every attempt is counted (runtime) before it is made, and the user is locked when the lockout
    /// policy says so; on success the counter goes and, when the scheme or its cost differs from the configured one, the same password
    /// is stored in the configured form (the old form stays until that commit). An unknown user costs as much as a known one.
    /// Errors: only of machinery (store away, no memory for the hash in time, a stored hash that cannot be computed: internal
    /// COMMAND-CahN2).
    Result<Outcome> verify(const user::Ref& ref, std::string_view password, const store::Editor& editor);

    /// Whether `password` is the stored one; counts nothing, stores nothing. Only for a person who has just proved who they are (a new
    /// password must not be the old one).
    Result<bool> is_current(const user::Ref& ref, std::string_view password);

    /// Checks a new password against the complexity policy of `org` and hashes it. Lane::hash, or a thread that belongs to no lane; a
    /// call whose password was not seen when it was routed may run elsewhere, where passwords are hashed one at a time:
    /// resource_exhausted USER-Busy1 when the turn does not come in time.
    Result<user::NewPassword> prepare(const OrgScope& org, std::string_view password, bool change_required) const;

    /// The complexity policy alone: what prepare() would refuse. Errors: DOMAIN-….
    Result<void> check_policy(const OrgScope& org, std::string_view password) const;

    /// Takes a hash of another system (form and cost): invalid_argument USER-JDk4t. nullopt: it says that there is no password.
    Result<std::optional<user::NewPassword>> take_over(std::string_view value, const password::Declaration& declaration,
                                                       bool change_required) const;

    /// A person is in: whoever came with a migration has arrived for good (user/newcomers.h), which is noted behind the sign-in. `factors`:
    /// all that a sign-in must ask for was proved; otherwise only the password was, which is enough for who has no second factor.
    void signed_in(InstanceScope instance, UserId user, bool factors);

    /// For tests and shutdown: waits until all that follows sign-ins is stored.
    void flush() { afterwards_.flush(); }

private:
    Result<Outcome> check(const user::StoredPassword& stored, InstanceScope instance, std::string_view password,
                          const store::Editor& editor);
    void succeeded(const user::StoredPassword& stored, InstanceScope instance, std::string_view password);

    Parts parts_;
    user::Passwords passwords_;
    mutable std::timed_mutex elsewhere_;
    Afterwards afterwards_;  ///< the last: what it does needs the others
};

}  // namespace godwit::signin
