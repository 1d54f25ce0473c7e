#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/codes.h"
#include "directory/user/users.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
const rpc::Options kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

/// The human a part is read of: a machine has none of it.
Result<user::User> get_human(user::Users& users, const Call& call, std::string_view id) {
    auto found = TRY(users.get(user_ref(call, id)));
    if (!found.human()) return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
    return found;
}

void register_reads(rpc::Registry& rpc, user::Users& users) {
    rpc.on(method("GetHumanProfile"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetHumanProfileRequest& request, mgmt::GetHumanProfileResponse& response) -> Result<void> {
               const user::User user = TRY(get_human(users, call, request.user_id()));
               encode(user.stamp, user.org_id, *response.mutable_details());
               encode(user.human()->profile, *response.mutable_profile());
               return {};
           });
    rpc.on(method("GetHumanEmail"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetHumanEmailRequest& request, mgmt::GetHumanEmailResponse& response) -> Result<void> {
               const user::User user = TRY(get_human(users, call, request.user_id()));
               encode(user.stamp, user.org_id, *response.mutable_details());
               encode(user.human()->email, *response.mutable_email());
               return {};
           });
    rpc.on(method("GetHumanPhone"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetHumanPhoneRequest& request, mgmt::GetHumanPhoneResponse& response) -> Result<void> {
               const user::User user = TRY(get_human(users, call, request.user_id()));
               encode(user.stamp, user.org_id, *response.mutable_details());
               encode(user.human()->phone, *response.mutable_phone());
               return {};
           });
}

void register_updates(rpc::Registry& rpc, user::Users& users) {
    on_change<mgmt::UpdateHumanProfileRequest, mgmt::UpdateHumanProfileResponse>(
        rpc, method("UpdateHumanProfile"), kWrite, [&](const Call& call, const auto& request) -> Result<directory::Change> {
            const user::Profile profile{.first_name = request.first_name(),
                                        .last_name = request.last_name(),
                                        .nick_name = request.nick_name(),
                                        .display_name = request.display_name(),
                                        .language = request.preferred_language(),
                                        .gender = static_cast<user::Gender>(request.gender()),
                                        .avatar = {}};
            return users.change_profile(user_ref(call, request.user_id()), profile, editor_of(call, kService));
        });
    on_change<mgmt::UpdateHumanEmailRequest, mgmt::UpdateHumanEmailResponse>(
        rpc, method("UpdateHumanEmail"), kWrite, [&](const Call& call, const auto& request) {
            return users.change_email(user_ref(call, request.user_id()), request.email(), request.is_email_verified(),
                                      editor_of(call, kService));
        });
    on_change<mgmt::UpdateHumanPhoneRequest, mgmt::UpdateHumanPhoneResponse>(
        rpc, method("UpdateHumanPhone"), kWrite, [&](const Call& call, const auto& request) {
            return users.change_phone(user_ref(call, request.user_id()), request.phone(), request.is_phone_verified(),
                                      editor_of(call, kService));
        });
    on_change<mgmt::RemoveHumanPhoneRequest, mgmt::RemoveHumanPhoneResponse>(
        rpc, method("RemoveHumanPhone"), kWrite, [&](const Call& call, const auto& request) {
            return users.remove_phone(user_ref(call, request.user_id()), editor_of(call, kService));
        });
}

void register_codes(rpc::Registry& rpc, user::Codes& codes) {
    on_change<mgmt::ResendHumanInitializationRequest, mgmt::ResendHumanInitializationResponse>(
        rpc, method("ResendHumanInitialization"), kWrite, [&](const Call& call, const auto& request) {
            return codes.resend_initialization(user_ref(call, request.user_id()), request.email(), editor_of(call, kService));
        });
    on_change<mgmt::ResendHumanEmailVerificationRequest, mgmt::ResendHumanEmailVerificationResponse>(
        rpc, method("ResendHumanEmailVerification"), kWrite, [&](const Call& call, const auto& request) {
            return codes.resend_email_verification(user_ref(call, request.user_id()), editor_of(call, kService));
        });
    on_change<mgmt::ResendHumanPhoneVerificationRequest, mgmt::ResendHumanPhoneVerificationResponse>(
        rpc, method("ResendHumanPhoneVerification"), kWrite, [&](const Call& call, const auto& request) {
            return codes.resend_phone_verification(user_ref(call, request.user_id()), editor_of(call, kService));
        });
}

}  // namespace

void register_human_users(rpc::Registry& rpc, user::Users& users, user::Codes& codes) {
    register_reads(rpc, users);
    register_updates(rpc, users);
    register_codes(rpc, codes);
}

}  // namespace godwit::api
