#include "api/encode/encode.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/users.h"
#include "signin/imported_user.h"
#include "signin/password_check.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";

Result<void> add_human(user::Users& users, signin::PasswordCheck& passwords, const Call& call, const mgmt::AddHumanUserRequest& request,
                       mgmt::AddHumanUserResponse& response) {
    user::NewUser user = signin::person_of(request);
    auto& human = std::get<user::NewHuman>(user.as);
    human.init_code = true;
    human.email_code = human.phone_code = user::NewHuman::CodeFor::user;
    if (!request.initial_password().empty())
        human.password = TRY(passwords.prepare(call.org(), request.initial_password(), /*change_required=*/true));
    const user::Created created = TRY(users.create(call.org(), user, editor_of(call, kService)));
    response.set_user_id(created.public_id);
    encode_created(created.change, *response.mutable_details());
    return {};
}

Result<void> import_human(user::Users& users, signin::PasswordCheck& passwords, const instance::Instances& instances, const Call& call,
                          const mgmt::ImportHumanUserRequest& request, mgmt::ImportHumanUserResponse& response) {
    const user::NewUser user = TRY(signin::new_user_of(request, call.org(), passwords));
    const user::Created created = TRY(users.create(call.org(), user, editor_of(call, kService)));
    response.set_user_id(created.public_id);
    encode_created(created.change, *response.mutable_details());
    if (created.passwordless) {
        auto& registration = *response.mutable_passwordless_registration();
        registration.set_link(TRY(passkey_link(call, instances, created.public_id, created.change.resource_owner, created.passwordless->id,
                                               created.passwordless->code.reveal())));
        const auto seconds = (created.passwordless->expires - created.change.at).count() / 1'000'000;
        registration.mutable_lifetime()->set_seconds(seconds);
        registration.mutable_expiration()->set_seconds(seconds);
    }
    return {};
}

Result<void> add_machine(user::Users& users, const Call& call, const mgmt::AddMachineUserRequest& request,
                         mgmt::AddMachineUserResponse& response) {
    const user::Created created = TRY(users.create(call.org(), signin::new_user_of(request), editor_of(call, kService)));
    response.set_user_id(created.public_id);
    encode_changed(created.change, *response.mutable_details());  // as recorded: a change date, no creation date
    return {};
}

}  // namespace

void register_user_creation(rpc::Registry& rpc, user::Users& users, signin::PasswordCheck& passwords,
                            const instance::Instances& instances) {
    const std::string service = "zitadel.management.v1.ManagementService/";
    rpc.on(service + "AddHumanUser", {.lane = Lane::write, .password_fields = {"initial_password"}},
           [&](const Call& call, const mgmt::AddHumanUserRequest& request, mgmt::AddHumanUserResponse& response) {
               return add_human(users, passwords, call, request, response);
           });
    rpc.on(service + "ImportHumanUser", {.lane = Lane::write, .password_fields = {"password"}},
           [&](const Call& call, const mgmt::ImportHumanUserRequest& request, mgmt::ImportHumanUserResponse& response) {
               return import_human(users, passwords, instances, call, request, response);
           });
    rpc.on(service + "AddMachineUser", {.lane = Lane::write},
           [&](const Call& call, const mgmt::AddMachineUserRequest& request, mgmt::AddMachineUserResponse& response) {
               return add_machine(users, call, request, response);
           });
}

}  // namespace godwit::api
