// Calls to servers that tenants name: webhooks of every kind. They go to the outside only. The address is looked at when the connection is
// made, after the name was resolved, so that no name can lead to the operator's own network; redirects are not followed, no proxy of the
// environment is asked, time and size are bounded. docs/threats.md, server-side request forgery.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transport/http/authority.h"

namespace godwit::http {

/// Whether the address is one of the public internet's: not private, loopback, link-local, shared (CGNAT), multicast, reserved, nor an
/// IPv4 address of that kind inside an IPv6 one (mapped, NAT64, 6to4).
bool is_public(const IpAddress& address);

struct OutgoingOptions {
    std::vector<IpPrefix> allowed;  ///< besides the public ones, by the operator's will
    bool plain_http = true;         ///< whether http:// will do, or https:// only
    std::chrono::milliseconds connect_timeout{5'000}, timeout{10'000};
    std::string ca_file = {};  ///< PEM of the authorities to believe; "": the system's
};

struct OutgoingAnswer {
    int status = 0;
    std::string body;  ///< the first KiB
};

/// Any thread.
class Outgoing {
public:
    explicit Outgoing(OutgoingOptions options);

    /// Any answer is a success here. Errors: invalid_argument HTTP-Out01 (no http or https URL, or one with user information),
    /// permission_denied HTTP-Out02 (the name leads to an address that is not allowed), unavailable HTTP-Out03 (everything else; the
    /// message says what).
    Result<OutgoingAnswer> post(const std::string& url, std::string_view content_type, std::string_view body) const;

private:
    const OutgoingOptions options_;
};

}  // namespace godwit::http
