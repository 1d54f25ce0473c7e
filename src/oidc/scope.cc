#include "oidc/scope.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::oidc {

Scopes parse_scopes(std::string_view text) {
    Scopes scopes;
    for (const auto word : split_words(text)) scopes.emplace_back(word);
    return scopes;
}

std::string format_scopes(std::span<const std::string> scopes) { return join(scopes, " "); }

bool has_scope(std::span<const std::string> scopes, std::string_view wanted) { return std::ranges::find(scopes, wanted) != scopes.end(); }

bool is_subset(std::span<const std::string> part, std::span<const std::string> whole) {
    return std::ranges::all_of(part, [&](const auto& one) { return has_scope(whole, one); });
}

std::vector<std::string> with_prefix(std::span<const std::string> scopes, std::string_view prefix) {
    std::vector<std::string> rest;
    for (std::string_view one : scopes) {
        if (!one.starts_with(prefix) || one.size() == prefix.size()) continue;
        one.remove_prefix(prefix.size());
        if (std::ranges::find(rest, one) == rest.end()) rest.emplace_back(one);
    }
    return rest;
}

std::vector<std::string> projects_in_scope(std::span<const std::string> scopes) {
    std::vector<std::string> projects;
    for (std::string_view one : scopes) {
        if (!one.starts_with(scope::kProjectAudiencePrefix) || !one.ends_with(scope::kProjectAudienceSuffix)) continue;
        if (one.size() <= scope::kProjectAudiencePrefix.size() + scope::kProjectAudienceSuffix.size()) continue;
        one.remove_prefix(scope::kProjectAudiencePrefix.size());
        one.remove_suffix(scope::kProjectAudienceSuffix.size());
        if (std::ranges::find(projects, one) == projects.end()) projects.emplace_back(one);
    }
    return projects;
}

}  // namespace godwit::oidc
