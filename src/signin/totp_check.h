// Checking a typed one-time code (RFC 6238) of a person who has just proved the password: lockout, and each code only once.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "directory/user/types.h"
#include "signin/password_check.h"
#include "store/editor.h"

namespace godwit::signin {

/// As to_error, of a code: EVENT-8isk2 (wrong), COMMAND-3Mif9s (no TOTP), COMMAND-SF3fg (locked), SESSION-Gj4ko (not active).
Error to_code_error(const Outcome& outcome);

class TotpCheck {
public:
    struct Parts {
        store::Store& store;
        const settings::Settings& settings;
        const key::Sealers& sealers;
        user::Users& users;
        const Clock& clock;
    };
    explicit TotpCheck(const Parts& parts) : parts_(parts) {}

    /// Whether `code` is one of a TOTP of the user, of now or the step before or after, and of none that was used already. Every attempt
    /// is counted before it is made. Where the lockout policy says how many wrong codes lock (max_otp_attempts), they do; where it says
    /// none, at most kAttemptsAtOnce are looked at within kAttemptWindow. Verdict::no_password: the user has no TOTP.
    /// Errors: of machinery, and resource_exhausted USER-Otp08 (too many attempts: try again later).
    Result<Outcome> verify(const user::Ref& ref, std::string_view code, const store::Editor& editor);

    static constexpr std::uint64_t kAttemptsAtOnce = 10;
    static constexpr std::chrono::minutes kAttemptWindow{5};

private:
    Result<bool> matches(InstanceScope instance, UserId user, std::string_view code, bool& has_totp);
    Result<bool> use(InstanceScope instance, UserId user, std::int64_t factor, std::int64_t step);

    Parts parts_;
};

}  // namespace godwit::signin
