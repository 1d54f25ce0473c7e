// The calls about identity providers, alike in ManagementService and AdminService but for the types of their messages. Each service
// registers all kinds with one line a kind.
#pragma once

#include <string>
#include <string_view>

#include "api/encode/encode.h"
#include "api/encode/idp.h"
#include "directory/idp/idps.h"
#include "directory/idp/login_policy.h"
#include "transport/rpc/registry.h"

namespace godwit::api {

/// A service, and whose providers it is about.
struct IdpService {
    rpc::Registry& rpc;
    idp::Idps& idps;
    std::string_view name;    ///< "zitadel.admin.v1.AdminService"
    std::string_view editor;  ///< "Admin-API"
    OrgScope (*owner)(const rpc::Call&);

    std::string method(std::string_view verb, std::string_view noun) const {
        return std::string(name) + "/" + std::string(verb) + std::string(noun);
    }
};

template <class Add, class Added, class Update, class Updated>
void on_provider(const IdpService& service, std::string_view noun, idp::Type type) {
    service.rpc.on(service.method("Add", noun), {.lane = Lane::write},
                   [service, type](const rpc::Call& call, const Add& request, Added& response) -> Result<void> {
                       const auto wanted = TRY(decode_provider(type, request));
                       const auto idp = TRY(service.idps.create(service.owner(call), editor_of(call, service.editor), wanted));
                       response.set_id(idp.id);
                       encode_created(idp.stamp, idp.owner_id, *response.mutable_details());
                       return {};
                   });
    service.rpc.on(service.method("Update", noun), {.lane = Lane::write},
                   [service, type](const rpc::Call& call, const Update& request, Updated& response) -> Result<void> {
                       const auto wanted = TRY(decode_provider(type, request));
                       encode_changed(TRY(service.idps.update(service.owner(call), editor_of(call, service.editor), request.id(), wanted)),
                                      *response.mutable_details());
                       return {};
                   });
}

/// Of the older API.
template <class Add, class Added>
void on_older_provider(const IdpService& service, std::string_view noun, idp::Type type) {
    service.rpc.on(service.method("Add", noun), {.lane = Lane::write},
                   [service, type](const rpc::Call& call, const Add& request, Added& response) -> Result<void> {
                       const auto wanted = TRY(decode_older_provider(type, request));
                       const auto idp = TRY(service.idps.create(service.owner(call), editor_of(call, service.editor), wanted));
                       response.set_idp_id(idp.id);
                       encode_created(idp.stamp, idp.owner_id, *response.mutable_details());
                       return {};
                   });
}

/// Add and Update of every kind, of the messages in namespace `pb`.
#define GODWIT_PROVIDER(service, pb, Noun, type)                                                                    \
    on_provider<pb::Add##Noun##ProviderRequest, pb::Add##Noun##ProviderResponse, pb::Update##Noun##ProviderRequest, \
                pb::Update##Noun##ProviderResponse>(service, #Noun "Provider", idp::Type::type)
#define GODWIT_PROVIDERS(service, pb)                                        \
    GODWIT_PROVIDER(service, pb, GenericOIDC, oidc);                         \
    GODWIT_PROVIDER(service, pb, GenericOAuth, oauth);                       \
    GODWIT_PROVIDER(service, pb, JWT, jwt);                                  \
    GODWIT_PROVIDER(service, pb, AzureAD, azure_ad);                         \
    GODWIT_PROVIDER(service, pb, GitHub, github);                            \
    GODWIT_PROVIDER(service, pb, GitHubEnterpriseServer, github_enterprise); \
    GODWIT_PROVIDER(service, pb, GitLab, gitlab);                            \
    GODWIT_PROVIDER(service, pb, GitLabSelfHosted, gitlab_self_hosted);      \
    GODWIT_PROVIDER(service, pb, Google, google);                            \
    GODWIT_PROVIDER(service, pb, LDAP, ldap);                                \
    GODWIT_PROVIDER(service, pb, Apple, apple);                              \
    GODWIT_PROVIDER(service, pb, SAML, saml)

/// IDP_OWNER_TYPE_SYSTEM of the contract.
inline constexpr int kOwnedByInstance = 1;

/// Queries of ListProviders; only ManagementService asks for an owner.
template <class Queries>
idp::Filter decode_provider_queries(const Queries& queries) {
    idp::Filter filter;
    for (const auto& query : queries) {
        if (query.has_idp_id_query()) filter.ids.push_back(query.idp_id_query().id());
        if (query.has_idp_name_query()) filter.names.push_back(text_filter(query.idp_name_query().name(), query.idp_name_query()));
        if constexpr (requires { query.owner_type_query(); }) {
            if (query.has_owner_type_query() && query.owner_type_query().owner_type() != 0)
                filter.instance_owned = query.owner_type_query().owner_type() == kOwnedByInstance;
        }
    }
    return filter;
}

/// Reading and removing, of a service whose messages `Messages` names.
template <class Messages>
void on_providers(const IdpService& service) {
    service.rpc.on(
        service.method("Get", "ProviderByID"), {.lane = Lane::read},
        [service](const rpc::Call& call, const typename Messages::Get& request, typename Messages::Got& response) -> Result<void> {
            const OrgScope owner = service.owner(call);
            const auto idp = TRY(service.idps.find(owner, request.id()));
            if (!idp || (idp->owner && !owner.org()))
                return fail(Code::not_found, "QUERY-SAFrt", "Identity Provider Configuration doesn't exist");
            encode_provider(*idp, *response.mutable_idp());
            return {};
        });
    service.rpc.on(
        service.method("List", "Providers"), {.lane = Lane::read},
        [service](const rpc::Call& call, const typename Messages::List& request, typename Messages::Listed& response) -> Result<void> {
            const OrgScope owner = service.owner(call);
            idp::Filter filter = decode_provider_queries(request.queries());
            if (!owner.org()) filter.instance_owned = true;
            const auto found = TRY(service.idps.list(owner, filter, decode(request.query())));
            encode_list(found.total, call, *response.mutable_details());
            for (const idp::Idp& idp : found.rows) encode_provider(idp, *response.add_result());
            return {};
        });
    service.rpc.on(
        service.method("Delete", "Provider"), {.lane = Lane::write},
        [service](const rpc::Call& call, const typename Messages::Delete& request, typename Messages::Deleted& response) -> Result<void> {
            encode_changed(TRY(service.idps.remove(service.owner(call), editor_of(call, service.editor), request.id())),
                           *response.mutable_details());
            return {};
        });
}

/// Which providers the login policy offers.
template <class Messages>
void on_login_policy(const IdpService& service, idp::LoginPolicyIdps& offered) {
    service.rpc.on(service.method("Add", "IDPToLoginPolicy"), {.lane = Lane::write},
                   [service, &offered](const rpc::Call& call, const typename Messages::Offer& request,
                                       typename Messages::Offered& response) -> Result<void> {
                       bool instance_owned = true;
                       if constexpr (requires { request.ownertype(); }) instance_owned = request.ownertype() == kOwnedByInstance;
                       encode_created(
                           TRY(offered.add(service.owner(call), editor_of(call, service.editor), request.idp_id(), instance_owned)),
                           *response.mutable_details());
                       return {};
                   });
    service.rpc.on(service.method("Remove", "IDPFromLoginPolicy"), {.lane = Lane::write},
                   [service, &offered](const rpc::Call& call, const typename Messages::Withdraw& request,
                                       typename Messages::Withdrawn& response) -> Result<void> {
                       encode_changed(TRY(offered.remove(service.owner(call), editor_of(call, service.editor), request.idp_id())),
                                      *response.mutable_details());
                       return {};
                   });
    service.rpc.on(service.method("List", "LoginPolicyIDPs"), {.lane = Lane::read},
                   [service, &offered](const rpc::Call& call, const typename Messages::ListOffered& request,
                                       typename Messages::ListedOffered& response) -> Result<void> {
                       const auto found = TRY(offered.list(service.owner(call), decode(request.query())));
                       encode_list(found.total, call, *response.mutable_details());
                       for (const idp::Idp& idp : found.rows) encode(idp, *response.add_result());
                       return {};
                   });
}

}  // namespace godwit::api
