#include "api/management/users.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/members.h"
#include "api/management/users_encode.h"
#include "base/text.h"
#include "directory/member/members.h"
#include "directory/object/public_id.h"
#include "directory/removal/removal.h"
#include "directory/user/history.h"
#include "directory/user/users.h"
#include "store/store.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

Result<void> list_users(user::Users& users, const Call& call, const mgmt::ListUsersRequest& request, mgmt::ListUsersResponse& response) {
    std::vector<user::Query> conditions;
    for (const auto& query : request.queries()) conditions.push_back(decode(query));
    const auto found = TRY(users.search(call.instance, call.org_id, user::Query::combine(user::Query::Op::all, std::move(conditions)),
                                        static_cast<user::SortBy>(request.sorting_column()), decode(request.query())));
    encode_list(found.total, call, *response.mutable_details());
    for (const user::User& user : found.rows) encode(user, *response.add_result());
    return {};
}

Result<void> list_changes(store::Store& store, const Call& call, const mgmt::ListUserChangesRequest& request,
                          mgmt::ListUserChangesResponse& response) {
    const auto entries = TRY(store.read(store::Database::directory, [&](store::Reader& db) {
        return user::read_history(db, user_ref(call, request.user_id()), static_cast<std::int64_t>(request.query().sequence()),
                                  request.query().limit(), request.query().asc());
    }));
    for (const user::HistoryEntry& entry : entries) {
        auto& change = *response.add_result();
        encode(entry.at, *change.mutable_change_date());
        change.mutable_event_type()->set_key("EventTypes." + entry.type);
        change.mutable_event_type()->set_localized_message(std::string(user::describe_event(entry.type)));
        change.set_sequence(static_cast<std::uint64_t>(entry.sequence));
        change.set_editor_id(entry.editor_id);
        change.set_editor_display_name(entry.editor_name);
        change.set_editor_preferred_login_name(entry.editor_login_name);
        change.set_resource_owner_id(entry.resource_owner);
    }
    return {};
}

Result<void> list_memberships(user::Users& users, const member::Members& members, const Call& call,
                              const mgmt::ListUserMembershipsRequest& request, mgmt::ListUserMembershipsResponse& response) {
    encode_list(0, call, *response.mutable_details());
    const auto user = TRY(users.find(user_ref(call, request.user_id())));
    if (!user) return {};
    const auto memberships = TRY(members.memberships_of(call.instance, user->id));
    const auto listed = select(*memberships, request.queries(), decode(request.query()));
    encode_list(listed.total, call, *response.mutable_details());
    for (const member::Membership* membership : listed.rows) encode(*membership, *user, *response.add_result());
    return {};
}

/// One of the calls that move a user between states.
template <class Request, class Response>
void on_state(rpc::Registry& rpc, std::string_view name, user::Users& users,
              Result<directory::Change> (user::Users::*move)(const user::Ref&, const store::Editor&)) {
    on_change<Request, Response>(rpc, method(name), {.lane = Lane::write}, [&users, move](const Call& call, const auto& request) {
        return (users.*move)(user_ref(call, request.id()), editor_of(call, kService));
    });
}

}  // namespace

void register_users(rpc::Registry& rpc, user::Users& users, store::Store& store, const member::Members& members) {
    rpc.on(method("GetUserByID"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetUserByIDRequest& request, mgmt::GetUserByIDResponse& response) -> Result<void> {
               encode(TRY(users.get(user_ref(call, request.id()))), *response.mutable_user());
               return {};
           });
    rpc.on(method("GetUserByLoginNameGlobal"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::GetUserByLoginNameGlobalRequest& request,
               mgmt::GetUserByLoginNameGlobalResponse& response) -> Result<void> {
               const auto found = TRY(users.find_by_login_name(call.instance, request.login_name()));
               if (!found) return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
               encode(*found, *response.mutable_user());
               return {};
           });
    rpc.on(method("ListUsers"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListUsersRequest& request, mgmt::ListUsersResponse& response) {
               return list_users(users, call, request, response);
           });
    rpc.on(method("IsUserUnique"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::IsUserUniqueRequest& request, mgmt::IsUserUniqueResponse& response) -> Result<void> {
               response.set_is_unique(TRY(users.is_unique(call.org(), request.user_name(), request.email())));
               return {};
           });
    rpc.on(method("ListUserChanges"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListUserChangesRequest& request, mgmt::ListUserChangesResponse& response) {
               return list_changes(store, call, request, response);
           });
    rpc.on(method("ListUserMemberships"), {.lane = Lane::read},
           [&](const Call& call, const mgmt::ListUserMembershipsRequest& request, mgmt::ListUserMembershipsResponse& response) {
               return list_memberships(users, members, call, request, response);
           });
    on_change<mgmt::UpdateUserNameRequest, mgmt::UpdateUserNameResponse>(
        rpc, method("UpdateUserName"), {.lane = Lane::write}, [&](const Call& call, const auto& request) {
            return users.change_name(user_ref(call, request.user_id()), request.user_name(), editor_of(call, kService));
        });
    on_state<mgmt::DeactivateUserRequest, mgmt::DeactivateUserResponse>(rpc, "DeactivateUser", users, &user::Users::deactivate);
    on_state<mgmt::ReactivateUserRequest, mgmt::ReactivateUserResponse>(rpc, "ReactivateUser", users, &user::Users::reactivate);
    on_state<mgmt::LockUserRequest, mgmt::LockUserResponse>(rpc, "LockUser", users, &user::Users::lock);
    on_state<mgmt::UnlockUserRequest, mgmt::UnlockUserResponse>(rpc, "UnlockUser", users, &user::Users::unlock);
    on_change<mgmt::RemoveUserRequest, mgmt::RemoveUserResponse>(
        rpc, method("RemoveUser"), {.lane = Lane::write}, [&](const Call& call, const auto& request) {
            return removal::remove_user(store, users, user_ref(call, request.id()), editor_of(call, kService));
        });
}

}  // namespace godwit::api
