#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/users.h"
#include "api/management/users_encode.h"
#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
const rpc::Options kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

/// What a token of a machine user may be used for: as recorded.
const std::vector<std::string>& pat_scopes() {
    static const std::vector<std::string> kScopes{"openid", "profile", "urn:zitadel:iam:user:metadata",
                                                  "urn:zitadel:iam:user:resourceowner"};
    return kScopes;
}

template <class Request>
std::optional<Time> expiry_of(const Request& request) {
    if (!request.has_expiration_date()) return std::nullopt;
    return decode(request.expiration_date());
}

void encode(const user::MachineKey& in, zitadel::authn::v1::Key& out) {
    out.set_id(in.id);
    api::encode(in.stamp, in.resource_owner, *out.mutable_details());
    out.set_type(zitadel::authn::v1::KEY_TYPE_JSON);
    api::encode(in.expires, *out.mutable_expiration_date());
}

void encode(const user::Pat& in, zitadel::user::v1::PersonalAccessToken& out) {
    out.set_id(in.id);
    api::encode(in.stamp, in.resource_owner, *out.mutable_details());
    api::encode(in.expires, *out.mutable_expiration_date());
    for (const std::string& scope : in.scopes) out.add_scopes(scope);
}

void register_secrets(rpc::Registry& rpc, user::Machines& machines) {
    rpc.on(method("GenerateMachineSecret"), kWrite,
           [&](const Call& call, const mgmt::GenerateMachineSecretRequest& request,
               mgmt::GenerateMachineSecretResponse& response) -> Result<void> {
               const auto issued = TRY(machines.generate_secret(user_ref(call, request.user_id()), editor_of(call, kService)));
               response.set_client_id(issued.client_id);
               response.set_client_secret(std::string(issued.secret.reveal()));
               encode_created(issued.change, *response.mutable_details());
               return {};
           });
    on_change<mgmt::RemoveMachineSecretRequest, mgmt::RemoveMachineSecretResponse>(
        rpc, method("RemoveMachineSecret"), kWrite, [&](const Call& call, const auto& request) {
            return machines.remove_secret(user_ref(call, request.user_id()), editor_of(call, kService));
        });
}

void register_keys(rpc::Registry& rpc, user::Machines& machines) {
    // Making an RSA pair takes as long as a password hash.
    rpc.on(method("AddMachineKey"), {.lane = Lane::hash},
           [&](const Call& call, const mgmt::AddMachineKeyRequest& request, mgmt::AddMachineKeyResponse& response) -> Result<void> {
               const auto issued = TRY(machines.add_key(user_ref(call, request.user_id()), expiry_of(request), request.public_key(),
                                                        editor_of(call, kService)));
               response.set_key_id(issued.id);
               response.set_key_details(std::string(issued.details.reveal()));
               encode_created(issued.change, *response.mutable_details());
               return {};
           });
    rpc.on(
        method("GetMachineKeyByIDs"), {.lane = Lane::read},
        [&](const Call& call, const mgmt::GetMachineKeyByIDsRequest& request, mgmt::GetMachineKeyByIDsResponse& response) -> Result<void> {
            encode(TRY(machines.get_key(user_ref(call, request.user_id()), request.key_id())), *response.mutable_key());
            return {};
        });
    rpc.on(method("ListMachineKeys"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListMachineKeysRequest& request, mgmt::ListMachineKeysResponse& response) -> Result<void> {
               const auto found = TRY(machines.list_keys(user_ref(call, request.user_id()), decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::MachineKey& key : found.rows) encode(key, *response.add_result());
               return {};
           });
    on_change<mgmt::RemoveMachineKeyRequest, mgmt::RemoveMachineKeyResponse>(
        rpc, method("RemoveMachineKey"), kWrite, [&](const Call& call, const auto& request) {
            return machines.remove_key(user_ref(call, request.user_id()), request.key_id(), editor_of(call, kService));
        });
}

void register_pats(rpc::Registry& rpc, user::Machines& machines) {
    rpc.on(method("AddPersonalAccessToken"), kWrite,
           [&](const Call& call, const mgmt::AddPersonalAccessTokenRequest& request,
               mgmt::AddPersonalAccessTokenResponse& response) -> Result<void> {
               const auto issued =
                   TRY(machines.add_pat(user_ref(call, request.user_id()), expiry_of(request), pat_scopes(), editor_of(call, kService)));
               response.set_token_id(issued.id);
               response.set_token(std::string(issued.token.reveal()));
               encode_created(issued.change, *response.mutable_details());
               return {};
           });
    rpc.on(method("GetPersonalAccessTokenByIDs"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetPersonalAccessTokenByIDsRequest& request,
               mgmt::GetPersonalAccessTokenByIDsResponse& response) -> Result<void> {
               encode(TRY(machines.get_pat(user_ref(call, request.user_id()), request.token_id())), *response.mutable_token());
               return {};
           });
    rpc.on(method("ListPersonalAccessTokens"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListPersonalAccessTokensRequest& request,
               mgmt::ListPersonalAccessTokensResponse& response) -> Result<void> {
               const auto found = TRY(machines.list_pats(user_ref(call, request.user_id()), decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::Pat& pat : found.rows) encode(pat, *response.add_result());
               return {};
           });
    on_change<mgmt::RemovePersonalAccessTokenRequest, mgmt::RemovePersonalAccessTokenResponse>(
        rpc, method("RemovePersonalAccessToken"), kWrite, [&](const Call& call, const auto& request) {
            return machines.remove_pat(user_ref(call, request.user_id()), request.token_id(), editor_of(call, kService));
        });
}

}  // namespace

void register_machine_users(rpc::Registry& rpc, user::Users& users, user::Machines& machines) {
    on_change<mgmt::UpdateMachineRequest, mgmt::UpdateMachineResponse>(
        rpc, method("UpdateMachine"), kWrite, [&](const Call& call, const auto& request) {
            return users.change_machine(user_ref(call, request.user_id()), request.name(), request.description(),
                                        static_cast<user::TokenKind>(request.access_token_type()), editor_of(call, kService));
        });
    register_secrets(rpc, machines);
    register_keys(rpc, machines);
    register_pats(rpc, machines);
}

}  // namespace godwit::api
