// JSON Web Key Set (RFC 7517 section 5): the keys that may have signed a token that is still good, and the one that comes next.
#pragma once

#include <string>
#include <vector>

#include "directory/key/signing_keys.h"

namespace godwit::oidc {

/// What an issuer publishes: its own keys, or the instance's when it has none.
std::vector<key::PublishedKey> keys_of(const std::vector<key::PublishedKey>& all, key::IssuerKey issuer);

std::string key_set_document(const std::vector<key::PublishedKey>& keys);

/// What signs now or may come next: each algorithm once, the active key's first.
std::vector<std::string> signing_algorithms(const std::vector<key::PublishedKey>& keys);

}  // namespace godwit::oidc
