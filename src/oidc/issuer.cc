#include "oidc/issuer.h"

#include <algorithm>

namespace godwit::oidc {

std::optional<Endpoint> Layout::find(std::string_view path) const {
    const auto found = std::ranges::find(paths, path);
    if (found == paths.end() || path.empty()) return std::nullopt;
    return static_cast<Endpoint>(found - paths.begin());
}

}  // namespace godwit::oidc
