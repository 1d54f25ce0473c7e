#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/factors.h"
#include "api/encode/idp.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/codes.h"
#include "directory/user/links.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
const rpc::Options kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

void register_passkeys(rpc::Registry& rpc, user::Links& links, user::Codes& codes, const instance::Instances& instances) {
    rpc.on(method("ListHumanPasswordless"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListHumanPasswordlessRequest& request,
               mgmt::ListHumanPasswordlessResponse& response) -> Result<void> {
               for (const user::Passkey& passkey : TRY(links.passkeys(user_ref(call, request.user_id()))))
                   encode(passkey, *response.add_result());
               return {};
           });
    rpc.on(method("AddPasswordlessRegistration"), kWrite,
           [&](const Call& call, const mgmt::AddPasswordlessRegistrationRequest& request,
               mgmt::AddPasswordlessRegistrationResponse& response) -> Result<void> {
               const auto made =
                   TRY(codes.passwordless_registration(user_ref(call, request.user_id()), /*send=*/false, editor_of(call, kService)));
               encode_created(made.change, *response.mutable_details());
               response.set_link(TRY(
                   passkey_link(call, instances, request.user_id(), made.change.resource_owner, made.code.id, made.code.code.reveal())));
               response.mutable_expiration()->set_seconds((made.code.expires - made.change.at).count() / 1'000'000);
               return {};
           });
    rpc.on(method("SendPasswordlessRegistration"), kWrite,
           [&](const Call& call, const mgmt::SendPasswordlessRegistrationRequest& request,
               mgmt::SendPasswordlessRegistrationResponse& response) -> Result<void> {
               const auto made =
                   TRY(codes.passwordless_registration(user_ref(call, request.user_id()), /*send=*/true, editor_of(call, kService)));
               encode_created(made.change, *response.mutable_details());
               return {};
           });
    on_change<mgmt::RemoveHumanPasswordlessRequest, mgmt::RemoveHumanPasswordlessResponse>(
        rpc, method("RemoveHumanPasswordless"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_passkey(user_ref(call, request.user_id()), request.token_id(), editor_of(call, kService));
        });
}

}  // namespace

void register_user_factors(rpc::Registry& rpc, user::Links& links, user::Codes& codes, const instance::Instances& instances) {
    register_passkeys(rpc, links, codes, instances);
    rpc.on(method("ListHumanAuthFactors"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListHumanAuthFactorsRequest& request,
               mgmt::ListHumanAuthFactorsResponse& response) -> Result<void> {
               for (const user::Factor& factor : TRY(links.factors(user_ref(call, request.user_id()))))
                   encode(factor, *response.add_result());
               return {};
           });
    on_change<mgmt::RemoveHumanAuthFactorOTPRequest, mgmt::RemoveHumanAuthFactorOTPResponse>(
        rpc, method("RemoveHumanAuthFactorOTP"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_totp(user_ref(call, request.user_id()), editor_of(call, kService));
        });
    on_change<mgmt::RemoveHumanAuthFactorOTPSMSRequest, mgmt::RemoveHumanAuthFactorOTPSMSResponse>(
        rpc, method("RemoveHumanAuthFactorOTPSMS"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_otp(user_ref(call, request.user_id()), user::Factor::Kind::otp_sms, editor_of(call, kService));
        });
    on_change<mgmt::RemoveHumanAuthFactorOTPEmailRequest, mgmt::RemoveHumanAuthFactorOTPEmailResponse>(
        rpc, method("RemoveHumanAuthFactorOTPEmail"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_otp(user_ref(call, request.user_id()), user::Factor::Kind::otp_email, editor_of(call, kService));
        });
    on_change<mgmt::RemoveHumanAuthFactorU2FRequest, mgmt::RemoveHumanAuthFactorU2FResponse>(
        rpc, method("RemoveHumanAuthFactorU2F"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove_u2f(user_ref(call, request.user_id()), request.token_id(), editor_of(call, kService));
        });
    rpc.on(method("ListHumanLinkedIDPs"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListHumanLinkedIDPsRequest& request,
               mgmt::ListHumanLinkedIDPsResponse& response) -> Result<void> {
               const auto found = TRY(links.list(user_ref(call, request.user_id()), decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::IdpLink& link : found.rows) encode(link, *response.add_result());
               return {};
           });
    on_change<mgmt::RemoveHumanLinkedIDPRequest, mgmt::RemoveHumanLinkedIDPResponse>(
        rpc, method("RemoveHumanLinkedIDP"), kWrite, [&](const Call& call, const auto& request) {
            return links.remove(user_ref(call, request.user_id()), request.idp_id(), request.linked_user_id(), editor_of(call, kService));
        });
}

}  // namespace godwit::api
