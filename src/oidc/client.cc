#include "oidc/client.h"

#include <algorithm>

namespace godwit::oidc {

bool Client::allows(GrantType grant) const { return std::ranges::find(grants, grant) != grants.end(); }

bool Client::allows(ResponseType response) const { return std::ranges::find(response_types, response) != response_types.end(); }

}  // namespace godwit::oidc
