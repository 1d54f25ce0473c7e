#include "oidc/parameters.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {
namespace {

bool is_form(const http::Request& request) {
    const auto type = request.headers.get("content-type");
    return equals_ignoring_case(trim(split(type, ';').front()), "application/x-www-form-urlencoded");
}

}  // namespace

Result<Parameters> Parameters::parse(std::string_view encoded) {
    auto parsed = parse_query(encoded);
    if (!parsed) return oauth_fail(kInvalidRequest, "the parameters are not properly encoded");
    for (const auto& [name, value] : *parsed) {
        if (!is_valid_utf8(name) || !is_valid_utf8(value)) return oauth_fail(kInvalidRequest, "the parameters are not UTF-8");
        if (value.find('\0') != value.npos) return oauth_fail(kInvalidRequest, "a parameter holds a NUL character");
    }
    return Parameters(*std::move(parsed));
}

Result<Parameters> Parameters::of(const http::Request& request) {
    if (request.method != "POST") return parse(request.query);
    return parse(is_form(request) ? std::string_view(request.body) : std::string_view{});
}

std::string_view Parameters::get(std::string_view name) const { return find_parameter(all_, name).value_or(std::string_view{}); }

std::string_view Parameters::repeated() const {
    for (auto i = all_.begin(); i != all_.end(); ++i) {
        if (i->first == "resource" || i->first == "audience") continue;
        if (std::any_of(std::next(i), all_.end(), [&](const auto& other) { return other.first == i->first; })) return i->first;
    }
    return {};
}

Result<Parameters> single_parameters(const http::Request& request) {
    auto parameters = TRY(Parameters::of(request));
    if (const auto name = parameters.repeated(); !name.empty())
        return oauth_fail(kInvalidRequest, "the parameter " + std::string(name) + " is there more than once");
    return parameters;
}

}  // namespace godwit::oidc
