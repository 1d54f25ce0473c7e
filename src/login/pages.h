// The hosted sign-in: which address shows which screen. Each screen is a file of its own (login_name.cc, password.cc …).
//
//   GET  login?authRequest=V2_…   the sign-in name; or the account picker where several are signed in, or the password where the one who
//                                 is has to prove it anew; or straight back to the application when a session answers the request.
//                                 With other=1 always the name
//   POST login                    the name      → the password screen
//   POST password                 the password  → the application, or a screen that says what is still missing
//   POST totp                     the code of an authenticator app, where the person has one
//   POST change                   a new password where one is due → the application
//   GET  device, POST device      the code that a device shows → the sign-in
//   GET  device/allow, POST …     whether the device may → device/done
//   GET  accounts, POST accounts  who is and was signed in in this browser: going on as one, signing one out, forgetting one
//   POST register                 an account for who has none, where an application asks (prompt=create) and the login policy allows
//   POST consent                  whether the person agrees, where the application has them asked
//   GET  logout, POST logout      signing out of one account of this browser, or of all
//   GET  logout/done, signed-in   the last words
//   GET  assets/<file>, theme.css?org=…
//
// All of it under /ui/v2/login and, identically, under /ui/login. No screen needs JavaScript.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "transport/http/server.h"

namespace godwit::application {
class Apps;
}
namespace godwit::instance {
class Instances;
}
namespace godwit::key {
class Sealers;
}
namespace godwit::oidc {
class AuthRequests;
class Clients;
class FrontChannelLogout;
}  // namespace godwit::oidc
namespace godwit::org {
class Orgs;
}
namespace godwit::session {
class Sessions;
}
namespace godwit::settings {
class Settings;
}
namespace godwit::signin {
class PasswordCheck;
class SessionAge;
class TotpCheck;
}  // namespace godwit::signin
namespace godwit::store {
class Store;
}
namespace godwit::text {
class Texts;
}
namespace godwit::user {
class Links;
class Passwords;
class Users;
}  // namespace godwit::user

namespace godwit::login {

/// What the screens are built from.
struct Services {
    store::Store& store;
    const Clock& clock;
    const instance::Instances& instances;
    const settings::Settings& settings;
    const text::Texts& texts;
    const org::Orgs& orgs;
    const application::Apps& apps;
    user::Users& users;
    user::Passwords& passwords;
    user::Links& links;
    session::Sessions& sessions;
    signin::PasswordCheck& password_check;
    signin::TotpCheck& totp_check;
    const signin::SessionAge& session_age;
    const key::Sealers& sealers;
    oidc::AuthRequests& auth_requests;
    const oidc::Clients& clients;
    const oidc::FrontChannelLogout& front_channel;
};

class Pages {
public:
    explicit Pages(const Services& services) : services_(services) {}

    /// nullopt: not one of these addresses.
    std::optional<http::Route> route(const http::Request& request) const;

    /// Whether the address is one of theirs.
    static bool owns(std::string_view path);
    /// What the server turns away, in the words of a person.
    http::Response refusal(const http::Refusal& refusal, const http::Request& request) const;

private:
    const Services services_;
};

}  // namespace godwit::login
