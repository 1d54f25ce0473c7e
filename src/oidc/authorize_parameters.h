// Where the parameters of an authorization request come from: the address or form, a pushed request (RFC 9126), or a request object that
// the client signed (RFC 9101, OpenID Connect Core section 6.1).
#pragma once

#include <string_view>

#include "base/result.h"
#include "oidc/authorize_checks.h"
#include "oidc/endpoint.h"
#include "oidc/parameters.h"

namespace godwit::oidc {

/// The pushed request when `sent` refers to one, else `sent`. invalid_request_uri when it is not there (any more) for this client.
Result<Parameters> with_pushed_request(const EndpointContext& context, Parameters sent);

/// `sent` with what the request object of this client says, which comes first. Errors: invalid_request_object.
Result<Parameters> with_request_object(const EndpointContext& context, const Client& client, const Parameters& sent);

/// What the checks of a request at this endpoint need.
AuthorizeContext authorize_context(const EndpointContext& context, Parameters parameters);

}  // namespace godwit::oidc
