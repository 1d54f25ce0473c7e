#include "api/user/users.h"

#include "api/encode/encode.h"
#include "api/user/messages.h"
#include "base/log.h"
#include "credentials/password/declared.h"
#include "credentials/totp/totp.h"
#include "directory/user/users.h"
#include "signin/password_check.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::user::v2;
using rpc::Call;

constexpr std::string_view kService = "User-API";
const rpc::TargetCheck kMayRead{.permission = "user.read", .on = rpc::TargetCheck::On::user, .self = true};

Result<void> take_password(const v2::AddHumanUserRequest& request, const OrgScope& org, signin::PasswordCheck& passwords,
                           user::NewHuman& human) {
    if (request.has_password()) {
        human.password = TRY(passwords.prepare(org, request.password().password(), request.password().change_required()));
    } else if (request.has_hashed_password()) {
        human.password = TRY(passwords.take_over(request.hashed_password().hash(), {}, request.hashed_password().change_required()));
    }
    return {};
}

Result<user::NewUser> new_user_of(const v2::AddHumanUserRequest& request, const OrgScope& org, signin::PasswordCheck& passwords) {
    user::NewUser user;
    user::NewHuman human;
    user.given_id = request.user_id();
    decode(request, user, human);
    TRY(take_password(request, org, passwords, human));
    if (!request.totp_secret().empty()) {
        if (auto key = totp::read_key(request.totp_secret())) {
            human.totp.push_back({.key = *std::move(key), .name = {}});
        } else {
            // As recorded: the user is taken without it.
            log::warn("totpSecret of a new user is not base32 and was left out", {{"username", user.name}});
        }
    }
    user.as = std::move(human);
    user.state = user::State::active;  // v2 knows no initial state at creation
    return user;
}

/// v1's ids of the same failures.
Error as_v2(Error error) {
    if (error.id == "COMMAND-ziuna") error.id = "COMMAND-7yiox1isql";
    if (error.id == "COMMAND-39nfs") error.id = "COMMAND-39nf2";
    return error;
}

Result<void> add_human(user::Users& users, signin::PasswordCheck& passwords, const Call& call, const v2::AddHumanUserRequest& request,
                       v2::AddHumanUserResponse& response) {
    const user::NewUser user = TRY(new_user_of(request, call.org(), passwords));
    auto created = users.create(call.org(), user, editor_of(call, kService), {.check_idp_creation = false});
    if (!created) return fail(as_v2(std::move(created).error()));
    response.set_user_id(created->public_id);
    encode(created->change, *response.mutable_details());
    if (created->email_code) response.set_email_code(std::string(created->email_code->code.reveal()));
    if (created->phone_code) response.set_phone_code(std::string(created->phone_code->code.reveal()));
    return {};
}

}  // namespace

void register_users_v2(rpc::Registry& rpc, user::Users& users, signin::PasswordCheck& passwords, rpc::Permissions& permissions) {
    const std::string service = "zitadel.user.v2.UserService/";
    rpc.on(service + "AddHumanUser", {.lane = Lane::write, .password_fields = {"password"}},
           [&](const Call& call, const v2::AddHumanUserRequest& request, v2::AddHumanUserResponse& response) {
               return add_human(users, passwords, call, request, response);
           });
    rpc.on(service + "GetUserByID",
           {.lane = Lane::read, .rule = rpc::Rule::handler(kMayRead, "the caller itself, or user.read on the user's organization")},
           [&](const Call& call, const v2::GetUserByIDRequest& request, v2::GetUserByIDResponse& response) -> Result<void> {
               const auto user = TRY(users.get(user::Ref::named(call.instance, request.user_id())));
               if (const auto allowed = rpc::allow_target(permissions, call, kMayRead, user.id, user.org); !allowed) {
                   if (allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
                   // As for a user that does not exist: who may not read it learns nothing.
                   return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
               }
               encode(user.stamp, user.org_id, *response.mutable_details());
               encode(user, *response.mutable_user());
               return {};
           });
}

}  // namespace godwit::api
