#include "directory/member/roles.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "directory/member/role_table.h"

namespace godwit::member {
namespace {

/// The table with its permissions numbered; made once, at first use.
struct Compiled {
    std::vector<std::string_view> permissions;                   ///< by bit
    std::vector<std::pair<std::string_view, std::size_t>> bits;  ///< sorted by name
    std::vector<Role> roles;

    Compiled() {
        for (const auto& row : kRoleTable) {
            Role role{row.name, row.scope, {}};
            for (const auto permission : split_words(row.permissions)) role.permissions.set(number_of(permission));
            roles.push_back(role);
        }
        for (std::size_t bit = 0; bit < permissions.size(); ++bit) bits.emplace_back(permissions[bit], bit);
        std::ranges::sort(bits);
    }

private:
    std::size_t number_of(std::string_view permission) {
        const auto it = std::ranges::find(permissions, permission);
        if (it != permissions.end()) return static_cast<std::size_t>(it - permissions.begin());
        if (permissions.size() == kMaxPermissions) std::abort();  // the table outgrew its sets
        permissions.push_back(permission);
        return permissions.size() - 1;
    }
};

const Compiled& compiled() {
    static const Compiled table;
    return table;
}

}  // namespace

std::optional<std::size_t> permission_bit(std::string_view permission) {
    const auto& bits = compiled().bits;
    const auto it = std::ranges::lower_bound(bits, permission, {}, [](const auto& entry) { return entry.first; });
    if (it == bits.end() || it->first != permission) return std::nullopt;
    return it->second;
}

std::vector<std::string> names_of(const PermissionSet& permissions) {
    std::vector<std::string> names;
    for (std::size_t bit = 0; bit < compiled().permissions.size(); ++bit) {
        if (permissions.test(bit)) names.emplace_back(compiled().permissions[bit]);
    }
    return names;
}

const Role* find_role(std::string_view name) {
    const auto& roles = compiled().roles;
    const auto it = std::ranges::find(roles, name, &Role::name);
    return it == roles.end() ? nullptr : &*it;
}

std::vector<std::string_view> roles_of(ScopeKind scope) {
    std::vector<std::string_view> names;
    for (const auto& role : compiled().roles) {
        // Everybody's own rights (SELF_MANAGEMENT_GLOBAL) have an organization's scope, but are nobody's membership.
        if (role.scope == scope && !role.name.starts_with("SELF_")) names.push_back(role.name);
    }
    return names;
}

}  // namespace godwit::member
