#include "api/auth/my_factors.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/factors.h"
#include "api/encode/idp.h"
#include "directory/user/links.h"
#include "zitadel/auth.pb.h"

namespace godwit::api {
namespace {

namespace auth = zitadel::auth::v1;
using rpc::Call;

constexpr std::string_view kService = "Auth-API";
const rpc::Options kRead{.lane = Lane::read, .rule = rpc::Rule::caller()};
const rpc::Options kWrite{.lane = Lane::write, .rule = rpc::Rule::caller()};

std::string method(std::string_view name) { return "zitadel.auth.v1.AuthService/" + std::string(name); }

user::Ref me(const Call& call) { return user::Ref::of(call.instance, call.caller.user); }

void register_removal(rpc::Registry& rpc, user::Links& links) {
    on_change<auth::RemoveMyAuthFactorOTPRequest, auth::RemoveMyAuthFactorOTPResponse>(
        rpc, method("RemoveMyAuthFactorOTP"), kWrite,
        [&](const Call& call, const auto&) { return links.remove_totp(me(call), editor_of(call, kService)); });
    on_change<auth::RemoveMyAuthFactorOTPSMSRequest, auth::RemoveMyAuthFactorOTPSMSResponse>(
        rpc, method("RemoveMyAuthFactorOTPSMS"), kWrite,
        [&](const Call& call, const auto&) { return links.remove_otp(me(call), user::Factor::Kind::otp_sms, editor_of(call, kService)); });
    on_change<auth::RemoveMyAuthFactorOTPEmailRequest, auth::RemoveMyAuthFactorOTPEmailResponse>(
        rpc, method("RemoveMyAuthFactorOTPEmail"), kWrite, [&](const Call& call, const auto&) {
            return links.remove_otp(me(call), user::Factor::Kind::otp_email, editor_of(call, kService));
        });
    on_change<auth::RemoveMyAuthFactorU2FRequest, auth::RemoveMyAuthFactorU2FResponse>(
        rpc, method("RemoveMyAuthFactorU2F"), kWrite,
        [&](const Call& call, const auto& request) { return links.remove_u2f(me(call), request.token_id(), editor_of(call, kService)); });
    on_change<auth::RemoveMyPasswordlessRequest, auth::RemoveMyPasswordlessResponse>(
        rpc, method("RemoveMyPasswordless"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_passkey(me(call), request.token_id(), editor_of(call, kService));
        });
    on_change<auth::RemoveMyLinkedIDPRequest, auth::RemoveMyLinkedIDPResponse>(
        rpc, method("RemoveMyLinkedIDP"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove(me(call), request.idp_id(), request.linked_user_id(), editor_of(call, kService));
        });
}

}  // namespace

void register_my_factors(rpc::Registry& rpc, user::Links& links) {
    rpc.on(method("ListMyAuthFactors"), kRead,
           [&](const Call& call, const auth::ListMyAuthFactorsRequest&, auth::ListMyAuthFactorsResponse& response) -> Result<void> {
               for (const user::Factor& factor : TRY(links.factors(me(call)))) encode(factor, *response.add_result());
               return {};
           });
    rpc.on(method("ListMyPasswordless"), kRead,
           [&](const Call& call, const auth::ListMyPasswordlessRequest&, auth::ListMyPasswordlessResponse& response) -> Result<void> {
               for (const user::Passkey& passkey : TRY(links.passkeys(me(call)))) encode(passkey, *response.add_result());
               return {};
           });
    rpc.on(method("ListMyLinkedIDPs"), kRead,
           [&](const Call& call, const auth::ListMyLinkedIDPsRequest& request, auth::ListMyLinkedIDPsResponse& response) -> Result<void> {
               const auto found = TRY(links.list(me(call), decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::IdpLink& link : found.rows) encode(link, *response.add_result());
               return {};
           });
    register_removal(rpc, links);
}

}  // namespace godwit::api
