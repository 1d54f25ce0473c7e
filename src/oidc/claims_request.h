// The claims parameter (OpenID Connect Core section 5.5): which claims a client wants, where, and with which values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace godwit::oidc {

struct ClaimRequest {
    std::string name;
    bool essential = false;
    std::vector<std::string> values;  ///< JSON texts, of `value` or `values`; empty: any

    /// `json`: the claim's value.
    bool accepts(std::string_view json) const;
};

struct ClaimsRequest {
    std::vector<ClaimRequest> id_token, userinfo;

    /// invalid_argument OIDC-Clq01 when `json` is not an object of objects (or null) as the section has it, or asks for more than 100
    /// claims. Members that are not understood are ignored, as it says.
    static Result<ClaimsRequest> parse(std::string_view json);
    /// What parse reads back; "" when nothing is asked.
    std::string text() const;

    const ClaimRequest* in_id_token(std::string_view name) const;
    /// Whether a person may answer a request that names a `sub` (5.5.1).
    bool admits_subject(std::string_view subject) const;
};

}  // namespace godwit::oidc
