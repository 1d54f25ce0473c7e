#include "directory/grant/user_grants.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/grants.h"
#include "api/management/users_encode.h"
#include "directory/user/users.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
namespace v1 = zitadel::user::v1;
using rpc::Call;
using Field = user::Query::Field;

constexpr std::string_view kService = "Management-API";
const rpc::Options kRead{.lane = Lane::read}, kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

void encode(const grant::UserGrant& in, v1::UserGrant& out) {
    out.set_id(in.id);
    api::encode(in.stamp, in.org.id, *out.mutable_details());
    for (const auto& role : in.roles) out.add_role_keys(role);
    out.set_state(static_cast<v1::UserGrantState>(in.state));
    out.set_user_id(in.user_id);
    out.set_user_name(in.user_name);
    out.set_first_name(in.first_name);
    out.set_last_name(in.last_name);
    out.set_email(in.email);
    out.set_display_name(in.display_name);
    out.set_avatar_url(in.avatar);
    out.set_preferred_login_name(in.preferred_login_name);
    out.set_user_type(static_cast<v1::Type>(in.user_kind));
    out.set_org_id(in.org.id);
    out.set_org_name(in.org.name);
    out.set_org_domain(in.org.primary_domain);
    out.set_granted_org_id(in.user_org.id);
    out.set_granted_org_name(in.user_org.name);
    out.set_granted_org_domain(in.user_org.primary_domain);
    out.set_project_id(in.project_id);
    out.set_project_name(in.project_name);
    out.set_project_grant_id(in.project_grant_id);
}

template <class Condition>
user::Query user_text(Field field, const std::string& text, const Condition& condition) {
    return user::Query::text_is(field, text, static_cast<store::TextMethod>(condition.method()));
}

void decode(const v1::UserGrantQuery& in, grant::Filter& filter) {
    using Query = v1::UserGrantQuery;
    switch (in.query_case()) {
        case Query::kProjectIdQuery:
            filter.project_ids.push_back(in.project_id_query().project_id());
            break;
        case Query::kUserIdQuery:
            filter.user_ids.push_back(in.user_id_query().user_id());
            break;
        case Query::kWithGrantedQuery:
            filter.with_granted = in.with_granted_query().with_granted();
            break;
        case Query::kRoleKeyQuery:
            filter.role_keys.push_back(text_filter(in.role_key_query().role_key(), in.role_key_query()));
            break;
        case Query::kProjectGrantIdQuery:
            filter.project_grant_ids.push_back(in.project_grant_id_query().project_grant_id());
            break;
        case Query::kUserNameQuery:
            filter.users.push_back(user_text(Field::user_name, in.user_name_query().user_name(), in.user_name_query()));
            break;
        case Query::kFirstNameQuery:
            filter.users.push_back(user_text(Field::first_name, in.first_name_query().first_name(), in.first_name_query()));
            break;
        case Query::kLastNameQuery:
            filter.users.push_back(user_text(Field::last_name, in.last_name_query().last_name(), in.last_name_query()));
            break;
        case Query::kEmailQuery:
            filter.users.push_back(user_text(Field::email, in.email_query().email(), in.email_query()));
            break;
        case Query::kOrgNameQuery:
            filter.org_names.push_back(text_filter(in.org_name_query().org_name(), in.org_name_query()));
            break;
        case Query::kOrgDomainQuery:
            filter.org_domains.push_back(text_filter(in.org_domain_query().org_domain(), in.org_domain_query()));
            break;
        case Query::kProjectNameQuery:
            filter.project_names.push_back(text_filter(in.project_name_query().project_name(), in.project_name_query()));
            break;
        case Query::kDisplayNameQuery:
            filter.users.push_back(user_text(Field::display_name, in.display_name_query().display_name(), in.display_name_query()));
            break;
        case Query::kUserTypeQuery:
            filter.users.push_back(user::Query::kind_is(static_cast<user::Kind>(in.user_type_query().type())));
            break;
        case Query::QUERY_NOT_SET:
            break;
    }
}

template <class Request>
grant::GrantRef ref_of(const Call& call, const Request& request) {
    return {.org = call.org(), .user_id = request.user_id(), .grant_id = request.grant_id()};
}

void register_changes(rpc::Registry& rpc, grant::UserGrants& grants) {
    on_change<pb::UpdateUserGrantRequest, pb::UpdateUserGrantResponse>(
        rpc, method("UpdateUserGrant"), kWrite, [&](const Call& call, const auto& request) -> Result<directory::Change> {
            const project::RoleKeys roles(request.role_keys().begin(), request.role_keys().end());
            return grants.update(ref_of(call, request), roles, editor_of(call, kService));
        });
    on_change<pb::DeactivateUserGrantRequest, pb::DeactivateUserGrantResponse>(
        rpc, method("DeactivateUserGrant"), kWrite,
        [&](const Call& call, const auto& request) { return grants.deactivate(ref_of(call, request), editor_of(call, kService)); });
    on_change<pb::ReactivateUserGrantRequest, pb::ReactivateUserGrantResponse>(
        rpc, method("ReactivateUserGrant"), kWrite,
        [&](const Call& call, const auto& request) { return grants.reactivate(ref_of(call, request), editor_of(call, kService)); });
    on_change<pb::RemoveUserGrantRequest, pb::RemoveUserGrantResponse>(
        rpc, method("RemoveUserGrant"), kWrite,
        [&](const Call& call, const auto& request) { return grants.remove(ref_of(call, request), editor_of(call, kService)); });
    rpc.on(method("BulkRemoveUserGrant"), kWrite,
           [&](const Call& call, const pb::BulkRemoveUserGrantRequest& request, pb::BulkRemoveUserGrantResponse&) {
               return grants.remove_all(call.org(), {request.grant_id().begin(), request.grant_id().end()}, editor_of(call, kService));
           });
}

}  // namespace

void register_user_grants(rpc::Registry& rpc, grant::UserGrants& grants, user::Users& users, rpc::Permissions& permissions) {
    rpc.on(method("GetUserGrantByID"), kRead,
           [&](const Call& call, const pb::GetUserGrantByIDRequest& request, pb::GetUserGrantByIDResponse& response) -> Result<void> {
               encode(TRY(grants.get(ref_of(call, request))), *response.mutable_user_grant());
               return {};
           });
    rpc.on(method("ListUserGrants"), kRead,
           [&](const Call& call, const pb::ListUserGrantRequest& request, pb::ListUserGrantResponse& response) -> Result<void> {
               grant::Filter filter;
               for (const auto& query : request.queries()) decode(query, filter);
               const auto listed = TRY(grants.list(call.org(), filter, api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& grant : listed.rows) encode(grant, *response.add_result());
               return {};
           });
    rpc.on(method("AddUserGrant"), kWrite,
           [&](const Call& call, const pb::AddUserGrantRequest& request, pb::AddUserGrantResponse& response) -> Result<void> {
               const user::NewGrant wanted{.project_id = request.project_id(),
                                           .project_grant_id = request.project_grant_id(),
                                           .roles = {request.role_keys().begin(), request.role_keys().end()}};
               const auto user = TRY(reachable_user(call, request.user_id(), users, permissions));
               const auto grant = TRY(grants.add(call.org(), user, wanted, editor_of(call, kService)));
               response.set_user_grant_id(grant.id);
               encode_created(grant.stamp, grant.org.id, *response.mutable_details());
               return {};
           });
    register_changes(rpc, grants);
}

}  // namespace godwit::api
