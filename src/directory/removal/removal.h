// Removing what takes rows of several nouns with it.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::removal {

/// A project with its applications and their keys, roles, grants to organizations, grants of users, members. not_found COMMAND-3M9sd unless
/// the organization owns it.
Result<directory::Change> remove_project(store::Store& store, const OrgScope& org, const store::Editor& editor, std::string_view id);

}  // namespace godwit::removal
