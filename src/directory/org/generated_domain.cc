#include <algorithm>

#include "base/text.h"
#include "directory/org/orgs.h"

namespace godwit::org {
namespace {
constexpr std::size_t kMaxLabel = 63;    // RFC 1035 section 2.3.4
constexpr std::size_t kMaxDomain = 253;  // the same, as text
}  // namespace

Result<std::string> generated_domain(std::string_view org_name, std::string_view external_domain) {
    std::string label;
    for (const char c : org_name) {
        if (c == ' ' || c == '-') {
            label += '-';
        } else if (is_ascii_alpha(c) || is_ascii_digit(c)) {
            label += ascii_lower(c);
        }
    }
    const std::size_t rest = external_domain.size() + 1;
    label.resize(std::min({label.size(), kMaxLabel, rest < kMaxDomain ? kMaxDomain - rest : 0}));
    if (label.starts_with('-')) label.erase(0, 1);
    if (label.ends_with('-')) label.pop_back();
    if (label.empty())
        return fail(
            Code::invalid_argument, "ORG-RrfXY",
            "Invalid non numeric and alphabetical characters were replaced with empty spaces and resulting domain is an empty string");
    return label + "." + to_ascii_lower(external_domain);
}

}  // namespace godwit::org
