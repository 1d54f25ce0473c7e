#include "app/authenticator.h"

#include "directory/member/permissions.h"
#include "oidc/access_tokens.h"
#include "store/store.h"

namespace godwit::app {

Result<rpc::Caller> Authenticator::authenticate(InstanceScope instance, const http::ShownToken& shown, const http::Request* request) {
    const oidc::LiveToken token = TRY(tokens_.open_for_api(instance, shown, request));
    rpc::Caller caller;
    caller.user = token.user.id;
    caller.org = token.user.org;
    caller.user_id = token.user.public_id;
    caller.org_id = token.user.org_id;
    caller.token_id = token.jti;
    caller.scopes = token.payload.scopes;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) { return member::attach_memberships(db, instance, caller); }));
    return caller;
}

}  // namespace godwit::app
