// The credentials of a Keycloak user: each says its type, and holds JSON within strings.
#pragma once

#include "migration/input/json_fields.h"
#include "migration/sources/keycloak/keycloak.h"

namespace godwit::migration {

/// Adds what `credential` is to the record; what cannot be kept is in its origin under `path`.
void map_keycloak_credential(const simdjson::dom::element& credential, const std::string& path, const KeycloakRealm& realm,
                             v1::UserRecord& record);

}  // namespace godwit::migration
