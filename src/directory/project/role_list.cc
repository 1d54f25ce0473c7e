#include "directory/project/role_list.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace godwit::project {

RoleKeys sorted_roles(RoleKeys keys) {
    std::ranges::sort(keys);
    const auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    return keys;
}

std::string join_roles(const RoleKeys& keys) { return join(keys, "\n"); }

RoleKeys split_roles(std::string_view text) {
    RoleKeys keys;
    if (text.empty()) return keys;
    for (const auto key : split(text, '\n')) keys.emplace_back(key);
    return keys;
}

RoleKeys common_roles(const RoleKeys& a, const RoleKeys& b) {
    RoleKeys common;
    std::ranges::set_intersection(a, b, std::back_inserter(common));
    return common;
}

bool has_roles(const RoleKeys& all, const RoleKeys& keys) { return std::ranges::includes(all, keys); }

}  // namespace godwit::project
