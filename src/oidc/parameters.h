// The parameters of a request to an endpoint: query or form, each at most once (RFC 6749 section 3.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/url.h"
#include "transport/http/message.h"

namespace godwit::oidc {

/// Longest query or form that an endpoint reads; longer is 413 before it is read.
inline constexpr std::uint64_t kMaxParameterBytes = 64u << 10;

class Parameters {
public:
    Parameters() = default;
    explicit Parameters(QueryParameters all) : all_(std::move(all)) {}

    /// The query of a GET, the form of a POST (its query is not read, RFC 6749 section 3.2; a body of another type is empty).
    /// Errors: invalid_request for broken escapes or ill-formed UTF-8.
    static Result<Parameters> of(const http::Request& request);
    static Result<Parameters> parse(std::string_view encoded);

    /// "" when absent: RFC 6749 section 3.1 treats a parameter without a value as omitted.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const { return !get(name).empty(); }
    /// The name that occurs twice, if any; `resource` and `audience` may (RFC 8707, RFC 8693).
    std::string_view repeated() const;

    const QueryParameters& all() const { return all_; }

private:
    QueryParameters all_;
};

/// Parameters::of and, when one is there twice, invalid_request.
Result<Parameters> single_parameters(const http::Request& request);

}  // namespace godwit::oidc
