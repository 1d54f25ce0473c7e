// Every service of the directory, the sign-in and the provider, built once, in the order in which they lean on each other.
#pragma once

#include <memory>
#include <optional>

#include "app/password_secrets.h"
#include "base/time.h"
#include "credentials/password/hasher.h"
#include "credentials/password/memory.h"
#include "credentials/password/verifier.h"
#include "crypto/sealer.h"
#include "directory/app/apps.h"
#include "directory/grant/user_grants.h"
#include "directory/idp/idps.h"
#include "directory/idp/login_policy.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/key/signing_keys.h"
#include "directory/member/members.h"
#include "directory/member/permissions.h"
#include "directory/org/metadata.h"
#include "directory/org/orgs.h"
#include "directory/project/grants.h"
#include "directory/project/projects.h"
#include "directory/session/sessions.h"
#include "directory/settings/settings.h"
#include "directory/text/texts.h"
#include "directory/user/codes.h"
#include "directory/user/links.h"
#include "directory/user/machines.h"
#include "directory/user/metadata.h"
#include "directory/user/passwords.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/browser.h"
#include "oidc/provider.h"
#include "signin/password_check.h"
#include "signin/session_age.h"
#include "signin/totp_check.h"
#include "store/store.h"

namespace godwit::app {

/// What the configuration decides about the services.
struct ServiceSetup {
    instance::External external;
    password::HasherConfig hasher;
    password::Verifier::Options verifier;
    std::optional<settings::v1::OidcSettings> lifetimes;  ///< of instances that say nothing of it
    oidc::Rules rules = {};
    std::chrono::seconds key_set_max_age = std::chrono::minutes(5);
    http::OutgoingOptions outgoing = {};
    bool offline_outlives_session = false;
};

struct Services {
    /// invalid_argument when the password part of the setup makes no sense.
    static Result<std::unique_ptr<Services>> build(store::Store& store, const Clock& clock, const crypto::MasterKey& master_key,
                                                   const ServiceSetup& setup);

    store::Store& store;
    const Clock& clock;

    instance::Instances instances;
    settings::Settings settings;
    text::Texts texts;
    org::Orgs orgs;
    org::Metadata org_metadata;
    key::Sealers sealers;
    key::SigningKeys signing_keys;
    idp::Idps idps;
    idp::LoginPolicyIdps login_policy_idps;
    user::Users users;
    user::Passwords passwords;
    user::Codes codes;
    user::Links links;
    user::Machines machines;
    user::Metadata user_metadata;
    project::Projects projects;
    project::Grants project_grants;
    grant::UserGrants user_grants;
    application::Apps apps;
    member::Members members;
    member::Permissions permissions;
    session::Sessions sessions;
    signin::TotpCheck totp_check;

    PasswordSecrets password_secrets;
    password::HashMemory hash_memory;
    // These three check what they are made from, so they come last; never null.
    std::unique_ptr<const password::Verifier> verifier;
    std::unique_ptr<const password::Hasher> hasher;
    std::unique_ptr<signin::PasswordCheck> password_check;

    signin::SessionAge session_age;
    login::CookieSessions cookie_sessions;
    oidc::Provider provider;

private:
    Services(store::Store& store, const Clock& clock, const crypto::MasterKey& master_key, const ServiceSetup& setup);
};

}  // namespace godwit::app
