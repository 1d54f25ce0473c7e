// Projects, their roles and their grants between the domain and zitadel.project.v1.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string_view>

#include "directory/project/grants.h"

namespace zitadel::project::v1 {
class GrantedProject;
class Project;
class ProjectQuery;
class Role;
class RoleQuery;
}  // namespace zitadel::project::v1

namespace godwit::api {

void encode(const project::Project& in, zitadel::project::v1::Project& out);
void encode(const project::Grant& in, zitadel::project::v1::GrantedProject& out);
void encode(const project::Role& in, std::string_view resource_owner, zitadel::project::v1::Role& out);
project::Filter decode(const google::protobuf::RepeatedPtrField<zitadel::project::v1::ProjectQuery>& queries);
project::RoleFilter decode(const google::protobuf::RepeatedPtrField<zitadel::project::v1::RoleQuery>& queries);

}  // namespace godwit::api
