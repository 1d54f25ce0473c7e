// Rows of user_grants: what is checked before one is written, and what it and its event look like. For creation, and for directory/grant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "directory/project/holding.h"

namespace godwit::user {

/// Whether these roles of the holding can be given. Errors: failed_precondition COMMAND-4m9ff (the organization holds no such project) and
/// COMMAND-mm9F4 (a role that the holding does not have).
inline Result<void> accept_grant(const std::optional<project::Holding>& holding, const project::RoleKeys& roles) {
    if (!holding) return fail(Code::failed_precondition, "COMMAND-4m9ff", "Grant not found");
    if (!project::has_roles(holding->roles, roles)) return fail(Code::failed_precondition, "COMMAND-mm9F4", "Errors.Project.Role.NotFound");
    return {};
}
inline Error grant_exists() { return {Code::already_exists, "V3-DKcYh", "User grant already exists"}; }

/// The columns of a new row.
inline constexpr std::string_view kGrantInsert =
    "instance_no, user_id, project_id, project_grant_id, org_id, id, roles, created_at, changed_at";

/// The body of "user.grant.added".
inline std::string grant_body(std::string_view user_id, const project::Holding& holding, const project::RoleKeys& roles) {
    return store::EventBody()
        .add("userId", user_id)
        .add("projectId", holding.project.id)
        .add("grantId", holding.grant_id)
        .add("roleKeys", std::span<const std::string>(roles))
        .take();
}

}  // namespace godwit::user
