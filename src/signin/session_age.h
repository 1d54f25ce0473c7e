// How long what a session proved keeps counting: the lifetimes of the login policy of the person's organization. A session older than
// they allow stays (its application's tokens live by their own rules), but does not answer another application without a new check.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "directory/session/sessions.h"

namespace godwit::settings {
class Settings;
}
namespace godwit::user {
class Links;
}

namespace godwit::signin {

/// What must be proved anew.
enum class Due { nothing, second_factor, password };

class SessionAge {
public:
    SessionAge(const settings::Settings& settings, user::Links& links, const Clock& clock)
        : settings_(settings), links_(links), clock_(clock) {}

    /// `password` stands for whatever came first: password, passkey, another provider. A lifetime of 0 has no end. A second factor is due
    /// where the session's is too old, or has none though the person set one up, or the policy asks for one.
    Result<Due> due(InstanceScope scope, const session::Session& session) const;

private:
    const settings::Settings& settings_;
    user::Links& links_;
    const Clock& clock_;
};

}  // namespace godwit::signin
