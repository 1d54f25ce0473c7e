// The claims of a JWT that came from outside: a flat view of the members an endpoint asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/url.h"

namespace godwit::oidc {

/// The registered claims of RFC 7519 section 4.1 and what our own tokens add. Absent members stay empty.
struct ReadClaims {
    std::string iss, sub, jti, azp, client_id, sid, scope, nonce;
    std::string htm, htu, ath;     ///< of DPoP proofs (RFC 9449 section 4.2)
    std::string jkt;               ///< of `cnf` (RFC 9449 section 6.1)
    std::vector<std::string> aud;  ///< one text is a list of one
    std::vector<std::string> amr;
    /// Who acts for the subject, and whom that one acted through before: the `sub` of `act` and of the ones inside (RFC 8693 section 4.1).
    std::vector<std::string> actors;
    std::optional<std::int64_t> exp, iat, nbf, auth_time;  ///< seconds; fractions are cut

    bool is_for(std::string_view audience) const;
};

/// invalid_argument OIDC-Clm01 when `json` is not an object, a member comes twice, or one of these has the wrong type.
Result<ReadClaims> read_claims(std::string_view json);

/// The members of a request object as parameters (RFC 9101 section 4): texts as they are, numbers and flags in their JSON spelling, objects
/// and lists as JSON texts. Errors as above; null is a member that is not there.
Result<QueryParameters> read_parameters(std::string_view json);

}  // namespace godwit::oidc
