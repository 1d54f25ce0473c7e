#include "api/management/orgs.h"

#include "api/encode/encode.h"
#include "directory/member/org_owner.h"
#include "directory/org/orgs.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

void encode(const org::Org& org, zitadel::org::v1::Org& message) {
    message.set_id(org.id);
    api::encode(org.stamp, org.id, *message.mutable_details());
    message.set_state(static_cast<zitadel::org::v1::OrgState>(org.state));
    message.set_name(org.name);
    message.set_primary_domain(org.primary_domain);
}

void encode(const org::Domain& domain, const std::string& org_id, zitadel::org::v1::Domain& message) {
    message.set_org_id(org_id);
    api::encode(domain.stamp, org_id, *message.mutable_details());
    message.set_domain_name(domain.name);
    message.set_is_verified(domain.verified);
    message.set_is_primary(domain.primary);
    message.set_validation_type(static_cast<zitadel::org::v1::DomainValidationType>(domain.validation_type));
}

}  // namespace

void register_orgs(rpc::Registry& rpc, store::Store& store, org::Orgs& orgs, member::Members& members) {
    rpc.on("zitadel.management.v1.ManagementService/AddOrg", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddOrgRequest& request, pb::AddOrgResponse& response) -> Result<void> {
               const auto org = TRY(member::create_org_owned_by(store, orgs, members, call.instance, editor_of(call, kService),
                                                                {.name = request.name()}, call.caller.user));
               response.set_id(org.id);
               encode_created(org.stamp, org.id, *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/UpdateOrg", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::UpdateOrgRequest& request, pb::UpdateOrgResponse& response) -> Result<void> {
               // As recorded: with the time of the change as that of the creation.
               encode_created(TRY(orgs.rename(call.org(), editor_of(call, kService), request.name())), *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetMyOrg", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetMyOrgRequest&, pb::GetMyOrgResponse& response) -> Result<void> {
               encode(TRY(orgs.get(call.org())), *response.mutable_org());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetOrgByDomainGlobal", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetOrgByDomainGlobalRequest& request,
               pb::GetOrgByDomainGlobalResponse& response) -> Result<void> {
               const auto org = TRY(orgs.find_by_domain(call.instance, request.domain()));
               if (!org) return fail(Code::not_found, "QUERY-iTTGJ", "Organisation not found");
               encode(*org, *response.mutable_org());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/ListOrgDomains", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListOrgDomainsRequest& request, pb::ListOrgDomainsResponse& response) -> Result<void> {
               std::vector<directory::TextFilter> names;
               for (const auto& query : request.queries()) {
                   if (query.has_domain_name_query())
                       names.push_back(text_filter(query.domain_name_query().name(), query.domain_name_query()));
               }
               const auto org = TRY(orgs.get(call.org()));
               const auto listed = TRY(orgs.domains(call.org(), names, api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& domain : listed.rows) encode(domain, org.id, *response.add_result());
               return {};
           });
}

}  // namespace godwit::api
