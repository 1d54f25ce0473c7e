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
    rpc.on(
        method("UpdateHumanProfile"), kWrite,
        [&](const Call& call, const mgmt::UpdateHumanProfileRequest& request, mgmt::UpdateHumanProfileResponse& response) -> Result<void> {
            const user::Profile profile{.first_name = request.first_name(),
                                        .last_name = request.last_name(),
                                        .nick_name = request.nick_name(),
                                        .display_name = request.display_name(),
                                        .language = request.preferred_language(),
                                        .gender = static_cast<user::Gender>(request.gender()),
                                        .avatar = {}};
            encode_changed(TRY(users.change_profile(user_ref(call, request.user_id()), profile, editor_of(call, kService))),
                           *response.mutable_details());
            return {};
        });
    rpc.on(method("UpdateHumanEmail"), kWrite,
           [&](const Call& call, const mgmt::UpdateHumanEmailRequest& request, mgmt::UpdateHumanEmailResponse& response) -> Result<void> {
               encode_changed(TRY(users.change_email(user_ref(call, request.user_id()), request.email(), request.is_email_verified(),
                                                     editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    rpc.on(method("UpdateHumanPhone"), kWrite,
           [&](const Call& call, const mgmt::UpdateHumanPhoneRequest& request, mgmt::UpdateHumanPhoneResponse& response) -> Result<void> {
               encode_changed(TRY(users.change_phone(user_ref(call, request.user_id()), request.phone(), request.is_phone_verified(),
                                                     editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    rpc.on(method("RemoveHumanPhone"), kWrite,
           [&](const Call& call, const mgmt::RemoveHumanPhoneRequest& request, mgmt::RemoveHumanPhoneResponse& response) -> Result<void> {
               encode_changed(TRY(users.remove_phone(user_ref(call, request.user_id()), editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
}

void register_codes(rpc::Registry& rpc, user::Codes& codes) {
    rpc.on(method("ResendHumanInitialization"), kWrite,
           [&](const Call& call, const mgmt::ResendHumanInitializationRequest& request,
               mgmt::ResendHumanInitializationResponse& response) -> Result<void> {
               encode_changed(
                   TRY(codes.resend_initialization(user_ref(call, request.user_id()), request.email(), editor_of(call, kService))),
                   *response.mutable_details());
               return {};
           });
    rpc.on(method("ResendHumanEmailVerification"), kWrite,
           [&](const Call& call, const mgmt::ResendHumanEmailVerificationRequest& request,
               mgmt::ResendHumanEmailVerificationResponse& response) -> Result<void> {
               encode_changed(TRY(codes.resend_email_verification(user_ref(call, request.user_id()), editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    rpc.on(method("ResendHumanPhoneVerification"), kWrite,
           [&](const Call& call, const mgmt::ResendHumanPhoneVerificationRequest& request,
               mgmt::ResendHumanPhoneVerificationResponse& response) -> Result<void> {
               encode_changed(TRY(codes.resend_phone_verification(user_ref(call, request.user_id()), editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
}

}  // namespace

void register_human_users(rpc::Registry& rpc, user::Users& users, user::Codes& codes) {
    register_reads(rpc, users);
    register_updates(rpc, users);
    register_codes(rpc, codes);
}

}  // namespace godwit::api
