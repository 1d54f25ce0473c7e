#include <algorithm>

#include "directory/session/sessions.h"

namespace godwit::session {

// RFC 8176 section 2.
std::vector<std::string> Factors::amr() const {
    std::vector<std::string> out;
    int kinds = 0;
    if (password) out.emplace_back("pwd"), ++kinds;
    if (webauthn && user_verified) out.emplace_back("user"), kinds += 2;
    if (webauthn && !user_verified) ++kinds;
    if (webauthn) out.emplace_back("hwk");
    if (totp || otp_sms || otp_email) out.emplace_back("otp"), ++kinds;
    if (kinds > 1) out.emplace_back("mfa");
    return out;
}

std::optional<Time> Factors::auth_time() const {
    return std::max({password, webauthn, intent, totp, otp_sms, otp_email});  // an empty optional is less than any
}

}  // namespace godwit::session
