// Manager roles and what they permit: the reference's role table, each role a 256-bit set over all permissions.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::member {

/// Where a role is held. Numbers are those of members.scope_kind; system roles are not held by members.
enum class ScopeKind { instance = 0, organization = 1, project = 2, project_grant = 3 };

inline constexpr std::size_t kMaxPermissions = 256;
using PermissionSet = std::bitset<kMaxPermissions>;

/// The bit of a permission ("user.read"); nullopt for one that no role gives.
std::optional<std::size_t> permission_bit(std::string_view permission);
/// The names of the permissions in a set, in the table's order.
std::vector<std::string> names_of(const PermissionSet& permissions);

/// What a role gives, and where it may be held; nullptr for an unknown role.
struct Role {
    std::string_view name;
    ScopeKind scope = ScopeKind::instance;
    PermissionSet permissions;
};
const Role* find_role(std::string_view name);

/// The roles that may be held in a scope, in the reference's order. An organization's members may hold those of ScopeKind::organization.
std::vector<std::string_view> roles_of(ScopeKind scope);

}  // namespace godwit::member
