// What a person has proved so far, carried from one form to the next: there is no session before nothing is missing any more. The proof
// is bound to this browser and request and good for ten minutes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "directory/user/passwords.h"
#include "directory/user/types.h"
#include "login/step.h"

namespace godwit::login {

struct Proven {
    user::User user;
    user::StoredPassword stored;
    Proved proved;
};

/// The hidden fields that say it. not_found LOGIN-Prf01 when the user has gone or has no password.
Result<void> add_proof(const Step& step, const user::User& user, Proved proved, std::map<std::string, std::string>& hidden);

/// What the form carries; nullopt when it does not hold: expired, forged, another browser's, a password changed since, a user who may
/// not sign in any more.
Result<std::optional<Proven>> read_proof(const Step& step);

}  // namespace godwit::login
