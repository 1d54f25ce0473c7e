// What a session's user gets of an application: the part that codes, devices and answers at the authorization endpoint share.
#pragma once

#include "base/result.h"
#include "directory/session/sessions.h"
#include "directory/user/types.h"
#include "oidc/authorize_request.h"
#include "oidc/client.h"
#include "oidc/token_families.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {

class Clients;

/// Who signed in where, and what was asked.
struct SignedIn {
    const Client& client;
    const session::Session& session;
    const user::User& user;
    const AuthorizeRequest& asked;
};

/// The family to begin: with refresh tokens where scope and client say so.
Result<Family> family_for(const Clients& clients, InstanceScope scope, const SignedIn& who);

/// The tokens of a family that was begun; refresh token and nonce are the caller's to add.
Issuance issuance_for(const SignedIn& who, const Family& family);

}  // namespace godwit::oidc
