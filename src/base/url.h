// Percent-encoding and query strings (RFC 3986; application/x-www-form-urlencoded as browsers send it).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit {

/// All but RFC 3986 unreserved characters become %XX (upper case): safe in any part of a URL.
std::string percent_encode(std::string_view text);
/// nullopt when a "%" is not followed by two hex digits. "+" stays.
std::optional<std::string> percent_decode(std::string_view text);

/// In the order of the text; names may repeat.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// A query or form body without its "?": "+" is a space, a part without "=" has an empty value, empty parts are left out.
/// nullopt when an escape is broken.
std::optional<QueryParameters> parse_query(std::string_view query);

/// The first value of that name.
std::optional<std::string_view> find_parameter(const QueryParameters& parameters, std::string_view name);

std::string build_query(std::span<const std::pair<std::string, std::string>> parameters);

/// `url` with the parameters added to its query ("?" or "&" as needed), before its fragment.
std::string add_query(std::string_view url, std::span<const std::pair<std::string, std::string>> parameters);

/// An absolute URL with an authority, taken apart but not decoded.
struct UrlParts {
    std::string scheme;    ///< lower case
    std::string userinfo;  ///< before "@", usually empty
    std::string host;      ///< lower case in ASCII; an IPv6 address with its brackets
    std::string port;      ///< digits, or empty
    std::string path;      ///< "" or begins with "/"
    std::string query;     ///< without "?"
    std::string fragment;  ///< without "#"
    bool has_query = false;
    bool has_fragment = false;

    /// "scheme://host[:port]", the port as it was written.
    std::string origin() const;
};
/// nullopt when there is no scheme, no "//", an empty host, a bad port, a control character, white space, or a broken escape.
std::optional<UrlParts> parse_url(std::string_view url);

}  // namespace godwit
