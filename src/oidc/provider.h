// The OpenID provider: finds the endpoint of a request and serves it. See README.md for the flow.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "oidc/services.h"
#include "transport/http/message.h"
#include "transport/http/server.h"

namespace godwit::oidc {

class AccessTokens;
class AuthRequests;
class Clients;
class FrontChannelLogout;
class IssuerTable;

class Provider {
public:
    explicit Provider(const Services& services);
    ~Provider();
    Provider(const Provider&) = delete;

    /// nullopt when the path is none of the protocol's. Never blocks: runs on I/O threads.
    std::optional<http::Route> route(const http::Request& request) const;

    /// What the server turns away, as OAuth says it (RFC 6749 section 5.2); nullopt unless a program is at the other end.
    std::optional<http::Response> refusal(const http::Refusal& refusal, const http::Request& request) const;
    /// Whether the path is one that a browser shows to a person.
    bool shows_pages(const http::Request& request) const;

    /// The route of an API: its answers to requests with a proof tell the nonce for the next one (RFC 9449 section 8.2).
    http::Route tell_nonces(const http::Request& request, http::Route route) const;

    /// How long a token may be good that is signed now.
    Result<std::chrono::seconds> longest_lifetime(InstanceScope scope) const;

    /// For the sign-in pages and the session service.
    AuthRequests& auth_requests();
    /// For the authentication of API calls.
    AccessTokens& access_tokens();
    const Clients& clients() const;
    /// For those who decide which issuers there are.
    IssuerTable& issuers();
    const FrontChannelLogout& front_channel() const;

    /// Makes discovery and key sets anew that are asked for, of one host after the other until `stop` says so; to be called every second.
    /// Without it they are made when somebody asks.
    Result<void> renew_documents(const std::function<bool()>& stop = [] { return false; });

    /// Tells applications of sessions that have ended, where that is due; how many were tried. Waits for them.
    Result<std::size_t> tell_of_logouts();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::oidc
