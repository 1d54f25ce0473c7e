// OAuth 2.0 Form Post Response Mode: the answer travels in a form that the browser submits by itself. Until it does, the answer is
// sealed in the address of our own page, so that nothing needs to be stored and nobody else can make or read one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/url.h"
#include "transport/http/message.h"

namespace godwit::key {
class Sealers;
}

namespace godwit::oidc {

struct Issuer;

class FormPost {
public:
    FormPost(const key::Sealers& sealers, const Clock& clock) : sealers_(sealers), clock_(clock) {}

    /// The address of the page that posts `answer` to `redirect_uri`. Good for a minute.
    Result<std::string> url(std::string_view page, InstanceScope scope, std::string_view redirect_uri, const QueryParameters& answer) const;

    /// The page itself. invalid_request for an address we did not make or that is too old.
    http::Response page(InstanceScope scope, std::string_view sealed) const;

private:
    const key::Sealers& sealers_;
    const Clock& clock_;
};

}  // namespace godwit::oidc
