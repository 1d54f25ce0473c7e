// The REST form of the contract as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), read from what is registered: it
// names every call that is served and no other.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "transport/http/server.h"

namespace godwit::rpc {

class Registry;

/// GET and HEAD /openapi.json, on every host and without a token: it holds nothing that proto/ does not. The text is made at the first
/// request and kept; clients may keep it too, and ask by its ETag (RFC 9110 section 13.1.2) whether it still holds.
class OpenApi {
public:
    /// `registry` outlives this.
    OpenApi(const Registry& registry, std::string version);
    ~OpenApi();
    std::optional<http::Route> route(const http::Request& request) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::rpc
