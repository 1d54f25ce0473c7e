#include "api/encode/encode.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/codes.h"
#include "directory/user/links.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
namespace v1 = zitadel::user::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
constexpr rpc::Options kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

v1::AuthFactorState state_of(bool ready) { return ready ? v1::AUTH_FACTOR_STATE_READY : v1::AUTH_FACTOR_STATE_NOT_READY; }

void encode(const user::Factor& in, v1::AuthFactor& out) {
    out.set_state(state_of(in.ready));
    switch (in.kind) {
        case user::Factor::Kind::totp:
            out.mutable_otp();
            break;
        case user::Factor::Kind::otp_sms:
            out.mutable_otp_sms();
            break;
        case user::Factor::Kind::otp_email:
            out.mutable_otp_email();
            break;
        case user::Factor::Kind::u2f:
            out.mutable_u2f()->set_id(in.id);
            out.mutable_u2f()->set_name(in.name);
    }
}

void encode(const user::IdpLink& in, zitadel::idp::v1::IDPUserLink& out) {
    out.set_user_id(in.user_id);
    out.set_idp_id(in.idp_id);
    out.set_idp_name(in.idp_name);
    out.set_provided_user_id(in.external_id);
    out.set_provided_user_name(in.display_name);
    // This older enum knows two kinds only.
    if (in.idp_type == 1) out.set_idp_type(zitadel::idp::v1::IDP_TYPE_OIDC);
    if (in.idp_type == 2) out.set_idp_type(zitadel::idp::v1::IDP_TYPE_JWT);
}

void register_passkeys(rpc::Registry& rpc, user::Links& links, user::Codes& codes, const instance::Instances& instances) {
    rpc.on(method("ListHumanPasswordless"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListHumanPasswordlessRequest& request,
               mgmt::ListHumanPasswordlessResponse& response) -> Result<void> {
               for (const user::Passkey& passkey : TRY(links.passkeys(user_ref(call, request.user_id())))) {
                   auto& token = *response.add_result();
                   token.set_id(passkey.id);
                   token.set_name(passkey.name);
                   token.set_state(state_of(passkey.ready));
               }
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
    rpc.on(method("RemoveHumanPasswordless"), kWrite,
           [&](const Call& call, const mgmt::RemoveHumanPasswordlessRequest& request,
               mgmt::RemoveHumanPasswordlessResponse& response) -> Result<void> {
               encode_changed(TRY(links.remove_passkey(user_ref(call, request.user_id()), request.token_id(), editor_of(call, kService))),
                              *response.mutable_details());
               return {};
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
    rpc.on(method("ListHumanLinkedIDPs"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListHumanLinkedIDPsRequest& request,
               mgmt::ListHumanLinkedIDPsResponse& response) -> Result<void> {
               const auto found = TRY(links.list(user_ref(call, request.user_id()), decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::IdpLink& link : found.rows) encode(link, *response.add_result());
               return {};
           });
    rpc.on(method("RemoveHumanLinkedIDP"), kWrite,
           [&](const Call& call, const mgmt::RemoveHumanLinkedIDPRequest& request,
               mgmt::RemoveHumanLinkedIDPResponse& response) -> Result<void> {
               encode_changed(TRY(links.remove(user_ref(call, request.user_id()), request.idp_id(), request.linked_user_id(),
                                               editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
}

}  // namespace godwit::api
