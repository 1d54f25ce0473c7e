#include "api/encode/change_calls.h"
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
    on_change<mgmt::SetHumanInitialPasswordRequest, mgmt::SetHumanInitialPasswordResponse>(
        rpc, service + "SetHumanInitialPassword", kHash, [&](const Call& call, const auto& request) -> Result<directory::Change> {
            const auto password = TRY(check.prepare(call.org(), request.password(), /*change_required=*/true));
            return passwords.set(user_ref(call, request.user_id()), password, editor_of(call, kService));
        });
    on_change<mgmt::SetHumanPasswordRequest, mgmt::SetHumanPasswordResponse>(
        rpc, service + "SetHumanPassword", kHash, [&](const Call& call, const auto& request) -> Result<directory::Change> {
            const auto password = TRY(check.prepare(call.org(), request.password(), !request.no_change_required()));
            return passwords.set(user_ref(call, request.user_id()), password, editor_of(call, kService));
        });
    on_change<mgmt::SendHumanResetPasswordNotificationRequest, mgmt::SendHumanResetPasswordNotificationResponse>(
        rpc, service + "SendHumanResetPasswordNotification", {.lane = Lane::write},
        [&](const Call& call, const auto& request) -> Result<directory::Change> {
            const bool by_sms = request.type() == mgmt::SendHumanResetPasswordNotificationRequest::TYPE_SMS;
            return codes.send_password_reset(user_ref(call, request.user_id()), by_sms, editor_of(call, kService));
        });
}

}  // namespace godwit::api
