// The one list of schemes. A new one: a file that defines `<name>_scheme()`, and a line here.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "credentials/password/scheme.h"

// clang-format off
#define GODWIT_PASSWORD_SCHEMES(X) \
    X(bcrypt)                      \
    X(argon2)                      \
    X(scrypt)                      \
    X(pbkdf2)                      \
    X(crypt)                       \
    X(apr1)                        \
    X(phpass)                      \
    X(drupal)                      \
    X(wordpress)                   \
    X(passlib)                     \
    X(ldap)                        \
    X(spring)                      \
    X(django)                      \
    X(werkzeug)                    \
    X(aspnet)                      \
    X(keycloak)                    \
    X(firebase)                    \
    X(mediawiki)                   \
    X(ory)                         \
    X(passwap)                     \
    X(magento)                     \
    X(nextcloud)                   \
    X(salted)                      \
    X(ntlm)                        \
    X(peppered)
// clang-format on

namespace godwit::password {

#define GODWIT_DECLARE_SCHEME(name) std::unique_ptr<const Scheme> name##_scheme();
GODWIT_PASSWORD_SCHEMES(GODWIT_DECLARE_SCHEME)
#undef GODWIT_DECLARE_SCHEME

/// All of them, made once, in the order of the list.
const std::vector<std::unique_ptr<const Scheme>>& all_schemes();
/// The one scheme that claims it; null when nobody does.
const Scheme* recognise(std::string_view encoded);
/// "", "x", and what begins with '!' or '*': the account has no password (Django, shadow files, htpasswd).
bool means_no_password(std::string_view encoded);

}  // namespace godwit::password
