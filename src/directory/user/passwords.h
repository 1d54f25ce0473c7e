// A user's stored password. Checking one typed in is signin/password_check.h; hash forms are credentials/password.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/object/object.h"
#include "directory/user/new_user.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::user {

/// What a password must be like (policy password complexity), as the settings room has it.
struct Complexity {
    std::uint64_t min_length = 8;
    bool lower = false, upper = false, number = false, symbol = false;
};
inline constexpr std::size_t kMaxPasswordCharacters = 200;

/// invalid_argument with the reference's ids: DOMAIN-HuJf6 (too short), DOMAIN-co3Xw (lower), DOMAIN-VoaRj (upper), DOMAIN-ZBv4H (number),
/// DOMAIN-ZDLwA (symbol); USER-PwLen above kMaxPasswordCharacters.
Result<void> check_complexity(std::string_view password, const Complexity& policy);

/// A password row and what a check needs of its user, read together.
struct StoredPassword {
    UserId user;
    std::string public_id;
    OrgId org;
    State state = State::active;
    bool org_active = false;
    std::int64_t auth_epoch = 0;
    std::string encoded;  ///< "" when the user has none
    bool change_required = false;
    bool proved = false;  ///< a sign-in succeeded with it here
    Time changed;
};

class Passwords {
public:
    explicit Passwords(store::Store& store) : store_(store) {}

    /// nullopt: no such user.
    Result<std::optional<StoredPassword>> find(const Ref& ref);

    /// Sets a password (hashed before), the first one or another. Ends the user's sessions, voids the codes sent for it; an initial user
    /// becomes active. Error: not_found COMMAND-G8dh3.
    Result<directory::Change> set(const Ref& ref, const NewPassword& password, const store::Editor& editor);
    /// As set, by the user: `expected` is the encoded password the check was made against (failed_precondition USER-Pwd02 when it changed
    /// meanwhile).
    Result<directory::Change> change_own(const Ref& ref, std::string_view expected, const NewPassword& password,
                                         const store::Editor& editor);
    /// Replaces the stored form of the same password: no event of a changed password, no session ends. False when `expected` is no longer
    /// stored (someone changed the password meanwhile; nothing is written).
    Result<bool> rehash(InstanceScope instance, UserId user, std::string_view expected, const NewPassword& password);
    /// Notes that the user proved this password here (threats row 4: an import no longer replaces it).
    Result<void> note_proof(InstanceScope instance, UserId user, std::string_view expected);

private:
    store::Store& store_;
};

}  // namespace godwit::user
