#include "api/admin/idps.h"

#include "api/encode/idp_calls.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;

struct Messages {
    using Get = pb::GetProviderByIDRequest;
    using Got = pb::GetProviderByIDResponse;
    using List = pb::ListProvidersRequest;
    using Listed = pb::ListProvidersResponse;
    using Delete = pb::DeleteProviderRequest;
    using Deleted = pb::DeleteProviderResponse;
    using Offer = pb::AddIDPToLoginPolicyRequest;
    using Offered = pb::AddIDPToLoginPolicyResponse;
    using Withdraw = pb::RemoveIDPFromLoginPolicyRequest;
    using Withdrawn = pb::RemoveIDPFromLoginPolicyResponse;
    using ListOffered = pb::ListLoginPolicyIDPsRequest;
    using ListedOffered = pb::ListLoginPolicyIDPsResponse;
};

}  // namespace

void register_admin_idps(rpc::Registry& rpc, idp::Idps& idps, idp::LoginPolicyIdps& offered) {
    const IdpService service{
        .rpc = rpc, .idps = idps, .name = "zitadel.admin.v1.AdminService", .editor = "Admin-API", .owner = [](const rpc::Call& call) {
            return OrgScope(call.instance, OrgId{});
        }};
    GODWIT_PROVIDERS(service, pb);
    on_older_provider<pb::AddOIDCIDPRequest, pb::AddOIDCIDPResponse>(service, "OIDCIDP", idp::Type::oidc);
    on_older_provider<pb::AddJWTIDPRequest, pb::AddJWTIDPResponse>(service, "JWTIDP", idp::Type::jwt);
    on_providers<Messages>(service);
    on_login_policy<Messages>(service, offered);
}

}  // namespace godwit::api
