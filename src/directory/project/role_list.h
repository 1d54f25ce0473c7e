// Role keys as grants store them: sorted, each once, one a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::project {

using RoleKeys = std::vector<std::string>;  ///< sorted, each once

RoleKeys sorted_roles(RoleKeys keys);
std::string join_roles(const RoleKeys& keys);
RoleKeys split_roles(std::string_view text);

/// What both have.
RoleKeys common_roles(const RoleKeys& a, const RoleKeys& b);
/// Whether `all` has every one of `keys`.
bool has_roles(const RoleKeys& all, const RoleKeys& keys);

}  // namespace godwit::project
