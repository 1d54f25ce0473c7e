// Back-channel logout (OpenID Connect Back-Channel Logout 1.0): tells applications of sessions that have ended, until they have heard it.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "directory/session/clients.h"
#include "transport/http/outgoing.h"

namespace godwit::oidc {

class Clients;
class IssuerTable;
struct Services;

class LogoutSender {
public:
    LogoutSender(const Services& services, const Clients& clients, const IssuerTable& issuers);

    /// Tells whoever is due, some at the same time; how many were tried. Any number of nodes may do it: each row is one node's for a
    /// minute. What fails is tried again after 10 s, then ever later, kAttempts times in all (some eight hours).
    Result<std::size_t> run() const;

    static constexpr int kAttempts = 14;

private:
    Result<void> tell(const session::Due& due) const;
    Result<void> try_again(const session::Due& due, std::string_view client_id, const std::string& why) const;

    const Services& services_;
    const Clients& clients_;
    const IssuerTable& issuers_;
    const http::Outgoing outgoing_;
};

}  // namespace godwit::oidc
