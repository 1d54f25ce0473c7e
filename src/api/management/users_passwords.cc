#include "api/encode/encode.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/codes.h"
#include "directory/user/passwords.h"
#include "signin/password_check.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
const rpc::Options kHash{.lane = Lane::hash};

}  // namespace

void register_user_passwords(rpc::Registry& rpc, user::Passwords& passwords, user::Codes& codes, const signin::PasswordCheck& check) {
    const std::string service = "zitadel.management.v1.ManagementService/";
    rpc.on(service + "SetHumanInitialPassword", kHash,
           [&](const Call& call, const mgmt::SetHumanInitialPasswordRequest& request,
               mgmt::SetHumanInitialPasswordResponse& response) -> Result<void> {
               const auto password = TRY(check.prepare(call.org(), request.password(), /*change_required=*/true));
               encode_changed(TRY(passwords.set(user_ref(call, request.user_id()), password, editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    rpc.on(service + "SetHumanPassword", kHash,
           [&](const Call& call, const mgmt::SetHumanPasswordRequest& request, mgmt::SetHumanPasswordResponse& response) -> Result<void> {
               const auto password = TRY(check.prepare(call.org(), request.password(), !request.no_change_required()));
               encode_changed(TRY(passwords.set(user_ref(call, request.user_id()), password, editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    rpc.on(service + "SendHumanResetPasswordNotification", {.lane = Lane::write},
           [&](const Call& call, const mgmt::SendHumanResetPasswordNotificationRequest& request,
               mgmt::SendHumanResetPasswordNotificationResponse& response) -> Result<void> {
               const bool by_sms = request.type() == mgmt::SendHumanResetPasswordNotificationRequest::TYPE_SMS;
               encode_changed(TRY(codes.send_password_reset(user_ref(call, request.user_id()), by_sms, editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
}

}  // namespace godwit::api
