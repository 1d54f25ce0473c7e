#include "api/management/projects_encode.h"

#include "api/encode/encode.h"
#include "zitadel/project.pb.h"

namespace godwit::api {

void encode(const project::Project& project, zitadel::project::v1::Project& message) {
    message.set_id(project.id);
    api::encode(project.stamp, project.org_id, *message.mutable_details());
    message.set_name(project.name);
    message.set_state(static_cast<zitadel::project::v1::ProjectState>(project.state));
    message.set_project_role_assertion(project.flags.role_assertion);
    message.set_project_role_check(project.flags.role_check);
    message.set_has_project_check(project.flags.has_project_check);
    message.set_private_labeling_setting(static_cast<zitadel::project::v1::PrivateLabelingSetting>(project.flags.private_labeling));
}

project::Filter decode(const google::protobuf::RepeatedPtrField<zitadel::project::v1::ProjectQuery>& queries) {
    project::Filter filter;
    for (const auto& query : queries) {
        if (query.has_name_query()) filter.names.push_back(text_filter(query.name_query().name(), query.name_query()));
        if (query.has_project_resource_owner_query()) filter.owners.push_back(query.project_resource_owner_query().resource_owner());
    }
    return filter;
}

void encode(const project::Grant& in, zitadel::project::v1::GrantedProject& out) {
    out.set_grant_id(in.id);
    out.set_granted_org_id(in.granted_org_id);
    out.set_granted_org_name(in.granted_org_name);
    for (const auto& role : in.roles) out.add_granted_role_keys(role);
    out.set_state(static_cast<zitadel::project::v1::ProjectGrantState>(in.state));
    out.set_project_id(in.project_id);
    out.set_project_name(in.project_name);
    out.set_project_owner_id(in.owner_id);
    out.set_project_owner_name(in.owner_name);
    encode(in.stamp, in.owner_id, *out.mutable_details());
}

void encode(const project::Role& in, std::string_view resource_owner, zitadel::project::v1::Role& out) {
    out.set_key(in.key);
    encode(in.stamp, resource_owner, *out.mutable_details());
    out.set_display_name(in.display_name);
    out.set_group(in.group);
}

project::RoleFilter decode(const google::protobuf::RepeatedPtrField<zitadel::project::v1::RoleQuery>& queries) {
    project::RoleFilter filter;
    for (const auto& query : queries) {
        if (query.has_key_query()) filter.keys.push_back(text_filter(query.key_query().key(), query.key_query()));
        if (query.has_display_name_query())
            filter.display_names.push_back(text_filter(query.display_name_query().display_name(), query.display_name_query()));
    }
    return filter;
}

}  // namespace godwit::api
