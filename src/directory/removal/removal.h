// Removing what takes rows of several nouns with it.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::project {
struct GrantRef;
}
namespace godwit::user {
struct Ref;
class Users;
}  // namespace godwit::user

namespace godwit::removal {

/// A project with its applications and their keys, roles, grants to organizations, grants of users, members. not_found COMMAND-3M9sd unless
/// the organization owns it.
Result<directory::Change> remove_project(store::Store& store, const OrgScope& org, const store::Editor& editor, std::string_view id);

/// A grant of a project to an organization, with what that organization gave of it to users, and the grant's members. not_found
/// PROJECT-D8JxR.
Result<directory::Change> remove_project_grant(store::Store& store, const project::GrantRef& ref, const store::Editor& editor);

/// A user (Users::remove), then what the other database holds of it: its sessions end. Should the program be stopped between the two,
/// nothing shows or takes them all the same, and the next list that meets one ends them.
Result<directory::Change> remove_user(store::Store& store, user::Users& users, const user::Ref& ref, const store::Editor& editor);

}  // namespace godwit::removal
