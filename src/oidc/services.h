// What the provider is built from. Each endpoint, grant and client authentication takes from it what it needs.
#pragma once

#include <chrono>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "directory/session/sessions.h"
#include "transport/http/outgoing.h"

namespace godwit::application {
class Apps;
}
namespace godwit::http {
struct Request;
}
namespace godwit::instance {
class Instances;
}
namespace godwit::key {
class Sealers;
class SigningKeys;
}  // namespace godwit::key
namespace godwit::org {
class Orgs;
}
namespace godwit::project {
class Projects;
}
namespace godwit::settings {
class Settings;
}
namespace godwit::store {
class Store;
}
namespace godwit::user {
class Machines;
class Users;
}  // namespace godwit::user

namespace godwit::oidc {

/// The sessions that a browser brings along in its cookie. Implemented by the login pages, which own the cookie.
class BrowserSessions {
public:
    virtual ~BrowserSessions() = default;
    /// Live sessions, the latest used first; empty for a browser that is not known.
    virtual Result<std::vector<session::Session>> of(InstanceScope scope, const http::Request& request) = 0;
};

/// How long what is issued stays good: see lifetimes_of (lifetimes.h).
struct Lifetimes {
    std::chrono::seconds access_token, id_token, refresh_token_idle, refresh_token_absolute;
};

/// What the configuration allows or asks for besides (`OIDC.…`).
struct Rules {
    bool plain_pkce = false;                                               ///< CodeMethodPlain
    bool dpop_nonce_required = false;                                      ///< DPoPNonceRequired
    bool secrets_by_post = true;                                           ///< AuthMethodPost
    bool client_assertions = true;                                         ///< AuthMethodPrivateKeyJWT
    bool refresh_tokens = true;                                            ///< GrantTypeRefreshToken
    bool request_objects = true;                                           ///< RequestObjectSupported
    std::string login_url = "/ui/v2/login/login?authRequest=";             ///< DefaultLoginURLV2: an authorization request's id follows
    std::string logout_url = "/ui/v2/login/logout?post_logout_redirect=";  ///< DefaultLogoutURLV2: where to go on follows
};

struct Services {
    store::Store& store;
    const Clock& clock;
    const instance::Instances& instances;
    const settings::Settings& settings;
    const org::Orgs& orgs;
    const project::Projects& projects;
    const application::Apps& apps;
    user::Users& users;
    user::Machines& machines;
    session::Sessions& sessions;
    const key::Sealers& sealers;
    const key::SigningKeys& signing_keys;
    BrowserSessions& browser;
    Rules rules = {};
    bool offline_outlives_session = false;  ///< tokens with offline_access stay good when their session is signed out
    http::OutgoingOptions outgoing = {};    ///< where logout tokens may go
    std::chrono::seconds key_set_max_age = std::chrono::minutes(5);  ///< how long others may keep the key set; 0: not at all
};

}  // namespace godwit::oidc
