// Tokens to callers: access tokens and personal access tokens, as oidc opens them.
#pragma once

#include "transport/rpc/registry.h"

namespace godwit::oidc {
class AccessTokens;
}
namespace godwit::store {
class Store;
}

namespace godwit::app {

class Authenticator final : public rpc::Authenticator {
public:
    Authenticator(const oidc::AccessTokens& tokens, store::Store& store) : tokens_(tokens), store_(store) {}
    Result<rpc::Caller> authenticate(InstanceScope instance, const http::ShownToken& shown, const http::Request* request) override;

private:
    const oidc::AccessTokens& tokens_;
    store::Store& store_;
};

}  // namespace godwit::app
