// OpenID Connect Front-Channel Logout 1.0: the last page of a sign-out shows, out of sight, a page of each application that was signed
// in to, which then forgets the person. Which pages is known only until the session has ended, so it travels sealed to that last page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::oidc {

class Clients;
struct Services;

struct SignOutNotice {
    std::vector<std::string> frames;  ///< addresses, with `iss` and `sid`
    std::string then;                 ///< where the person goes afterwards; "" when they stay
};

class FrontChannelLogout {
public:
    FrontChannelLogout(const Services& services, const Clients& clients) : services_(services), clients_(clients) {}

    /// The addresses for a session that is about to end.
    Result<std::vector<std::string>> addresses(InstanceScope scope, SessionId session) const;

    /// A text that only this instance can make or read. Good for five minutes.
    Result<std::string> seal(InstanceScope scope, const SignOutNotice& notice) const;
    /// nullopt for anything else.
    Result<std::optional<SignOutNotice>> open(InstanceScope scope, std::string_view sealed) const;

private:
    const Services& services_;
    const Clients& clients_;
};

}  // namespace godwit::oidc
