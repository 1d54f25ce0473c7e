#include "signin/session_age.h"

#include <algorithm>

#include "directory/settings/settings.h"
#include "directory/user/links.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::signin {

Result<Due> SessionAge::due(InstanceScope scope, const session::Session& session) const {
    if (!session.user) return Due::password;
    const auto policy = TRY(settings_.get<settings::v1::LoginPolicy>(OrgScope(scope, session.org))).value;
    const auto& proved = session.factors;
    const Time now = clock_.now();
    const auto holds = [&](const std::optional<Time>& at, std::int64_t lifetime_seconds) {
        return at && (lifetime_seconds <= 0 || now - *at <= std::chrono::seconds(lifetime_seconds));
    };
    // A passkey that knew its person is both factors in one.
    if (proved.user_verified && holds(proved.webauthn, policy.multi_factor_check_lifetime())) return Due::nothing;
    if (!holds(proved.password, policy.password_check_lifetime()) && !holds(proved.intent, policy.external_login_check_lifetime()))
        return Due::password;

    const auto second = std::max({proved.totp, proved.otp_sms, proved.otp_email, proved.webauthn});
    if (second) return holds(second, policy.second_factor_check_lifetime()) ? Due::nothing : Due::second_factor;
    const bool wanted = policy.force_mfa() || (policy.force_mfa_local_only() && proved.password) ||
                        TRY(links_.enrolled(scope, session.user)).second_factor();
    return wanted ? Due::second_factor : Due::nothing;
}

}  // namespace godwit::signin
