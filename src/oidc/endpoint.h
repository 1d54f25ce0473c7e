// What every endpoint is given. One file for each endpoint (endpoint_*.cc) and one line in the table in provider.cc.
#pragma once

#include "oidc/issuer.h"
#include "transport/http/message.h"

namespace godwit::oidc {

class AccessTokens;
class AuthRequests;
class Clients;
class FormPost;
class FrontChannelLogout;
class TokenIssuer;
struct Services;

struct EndpointContext {
    const Services& services;
    const Clients& clients;
    AuthRequests& auth_requests;
    AccessTokens& access_tokens;
    TokenIssuer& token_issuer;
    const FormPost& form_post;
    const FrontChannelLogout& front_channel;
    const Issuer& issuer;
};

http::Response serve_authorize(const EndpointContext& context, const http::Request& request);
http::Response serve_authorize_response(const EndpointContext& context, const http::Request& request);
http::Response serve_pushed(const EndpointContext& context, const http::Request& request);
http::Response serve_token(const EndpointContext& context, const http::Request& request);
http::Response serve_userinfo(const EndpointContext& context, const http::Request& request);
http::Response serve_end_session(const EndpointContext& context, const http::Request& request);
http::Response serve_introspection(const EndpointContext& context, const http::Request& request);
http::Response serve_device_authorization(const EndpointContext& context, const http::Request& request);
http::Response serve_device_page(const EndpointContext& context, const http::Request& request);
http::Response serve_revocation(const EndpointContext& context, const http::Request& request);

}  // namespace godwit::oidc
