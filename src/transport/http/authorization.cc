#include "transport/http/authorization.h"

#include "base/text.h"

namespace godwit::http {
namespace {

/// RFC 6750 section 3: neither quotes nor backslashes nor what is not printable ASCII.
std::string quoted(std::string_view name, std::string_view value) {
    std::string out = std::string(name) + "=\"";
    for (const char c : value) out += c >= ' ' && c < '\x7f' && c != '"' && c != '\\' ? c : '\'';
    return out + '"';
}

std::string joined_algorithms() {
    std::string out;
    for (const auto name : kProofAlgorithms) out += (out.empty() ? "" : " ") + std::string(name);
    return out;
}

}  // namespace

ShownToken shown_token(std::string_view authorization) {
    constexpr std::string_view kBearer = "Bearer ", kDpop = "DPoP ";
    if (starts_with_ignoring_case(authorization, kBearer))
        return {std::string(trim(authorization.substr(kBearer.size()))), TokenScheme::bearer};
    if (starts_with_ignoring_case(authorization, kDpop)) return {std::string(trim(authorization.substr(kDpop.size()))), TokenScheme::dpop};
    return {};
}

std::string challenge(TokenScheme tried, std::string_view error, std::string_view description) {
    std::string why;
    if (!error.empty()) why = " " + quoted("error", error) + (description.empty() ? "" : ", " + quoted("error_description", description));
    const std::string algorithms = quoted("algs", joined_algorithms());
    if (tried == TokenScheme::dpop) return "DPoP" + why + (why.empty() ? " " : ", ") + algorithms;
    return "Bearer" + why + ", DPoP " + algorithms;
}

}  // namespace godwit::http
