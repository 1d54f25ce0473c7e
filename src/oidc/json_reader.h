// The claims of a JWT that came from outside: a flat view of the members an endpoint asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::oidc {

/// The registered claims of RFC 7519 section 4.1 and what our own tokens add. Absent members stay empty.
struct ReadClaims {
    std::string iss, sub, jti, azp, client_id, sid, scope, nonce;
    std::vector<std::string> aud;  ///< one text is a list of one
    std::vector<std::string> amr;
    std::optional<std::int64_t> exp, iat, nbf, auth_time;  ///< seconds; fractions are cut

    bool is_for(std::string_view audience) const;
};

/// invalid_argument OIDC-Clm01 when `json` is not an object, a member comes twice, or one of these has the wrong type.
Result<ReadClaims> read_claims(std::string_view json);

}  // namespace godwit::oidc
