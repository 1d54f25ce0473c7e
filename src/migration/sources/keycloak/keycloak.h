// Keycloak's exports: a realm file with its users, or a folder of a realm file and user files (`kc.sh export`).
#pragma once

#include "migration/sources/source.h"

namespace godwit::migration {

SourceKind keycloak_kind();

/// What the realm says of all its users.
struct KeycloakRealm {
    std::string name;
    std::string rp_id;               ///< of security keys, `webauthn`; may be empty
    std::string passwordless_rp_id;  ///< of passkeys, `webauthn-passwordless`
};

/// A client that every realm has for its own pages and its administration.
bool is_keycloaks_own_client(std::string_view client);

/// One element of `users`. Errors: record.bad_json, record.not_utf8, record.no_id.
Result<v1::UserRecord> map_keycloak_user(std::string_view json, const KeycloakRealm& realm);

}  // namespace godwit::migration
