// The calls about members, alike for the instance, organizations, projects and project grants but for the types of their messages and
// for what the members are of.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/encode/encode.h"
#include "api/encode/members.h"
#include "directory/member/members.h"
#include "directory/user/users.h"
#include "transport/rpc/registry.h"

namespace godwit::api {

/// One kind of membership in one service.
struct MemberService {
    rpc::Registry& rpc;
    member::Members& members;
    std::string_view name;    ///< "zitadel.admin.v1.AdminService"
    std::string_view editor;  ///< "Admin-API"
    std::string_view noun;    ///< "IAMMember"
    member::ScopeKind kind;
    user::Users& users;
    /// Whom a call may make a member. Who is one already is found by the id alone.
    std::function<Result<user::Ref>(const rpc::Call&, const std::string& id)> newcomer;

    std::string method(std::string_view verb, std::string_view rest = {}) const {
        return std::string(name) + "/" + std::string(verb) + std::string(noun) + std::string(rest);
    }
};

/// Nobody's key for an unknown one.
inline Result<UserId> find_user(const MemberService& service, const user::Ref& ref) {
    const auto user = TRY(service.users.find(ref));
    return user ? user->id : UserId(-1);
}

/// Registers adding, changing and removing. `place(call, request)` answers Result<member::Place>; a key that no place has is one that is
/// not there.
template <class M, class PlaceOf>
void on_member_changes(const MemberService& service, PlaceOf place) {
    service.rpc.on(service.method("Add"), {.lane = Lane::write},
                   [service, place](const rpc::Call& call, const typename M::Add& request, typename M::Added& response) -> Result<void> {
                       const auto at = TRY(place(call, request));
                       const auto user = TRY(find_user(service, TRY(service.newcomer(call, request.user_id()))));
                       encode_created(TRY(service.members.add(call.instance, at, editor_of(call, service.editor), user,
                                                              {request.roles().begin(), request.roles().end()})),
                                      *response.mutable_details());
                       return {};
                   });
    service.rpc.on(
        service.method("Update"), {.lane = Lane::write},
        [service, place](const rpc::Call& call, const typename M::Update& request, typename M::Updated& response) -> Result<void> {
            const auto at = TRY(place(call, request));
            const auto user = TRY(find_user(service, user::Ref::named(call.instance, request.user_id())));
            encode_changed(TRY(service.members.update(call.instance, at, editor_of(call, service.editor), user,
                                                      {request.roles().begin(), request.roles().end()})),
                           *response.mutable_details());
            return {};
        });
    service.rpc.on(
        service.method("Remove"), {.lane = Lane::write},
        [service, place](const rpc::Call& call, const typename M::Remove& request, typename M::Removed& response) -> Result<void> {
            const auto at = TRY(place(call, request));
            const auto user = TRY(find_user(service, user::Ref::named(call.instance, request.user_id())));
            encode_changed(TRY(service.members.remove(call.instance, at, editor_of(call, service.editor), user)),
                           *response.mutable_details());
            return {};
        });
}

/// Registers the list of members.
template <class M, class PlaceOf>
void on_member_list(const MemberService& service, PlaceOf place) {
    service.rpc.on(service.method("List", "s"), {.lane = Lane::read},
                   [service, place](const rpc::Call& call, const typename M::List& request, typename M::Listed& response) -> Result<void> {
                       const auto at = TRY(place(call, request));
                       auto sort = member::SortBy::unspecified;
                       if constexpr (requires { request.sorting_column(); }) sort = static_cast<member::SortBy>(request.sorting_column());
                       const auto listed =
                           TRY(service.members.list(call.instance, at, decode(request.queries()), sort, api::decode(request.query())));
                       encode_list(listed.total, call, *response.mutable_details());
                       for (const auto& member : listed.rows) encode(member, *response.add_result());
                       return {};
                   });
}

/// Registers the list of roles that members may have.
template <class Request, class Response>
void on_member_roles(const MemberService& service) {
    service.rpc.on(service.method("List", "Roles"), {.lane = Lane::read},
                   [kind = service.kind](const rpc::Call& call, const Request&, Response& response) -> Result<void> {
                       const auto roles = member::roles_of(kind);
                       if constexpr (requires { response.mutable_details(); }) encode_list(roles.size(), call, *response.mutable_details());
                       for (const auto role : roles) {
                           if constexpr (requires { response.add_roles(); }) {
                               response.add_roles(std::string(role));
                           } else {
                               response.add_result(std::string(role));
                           }
                       }
                       return {};
                   });
}

}  // namespace godwit::api
