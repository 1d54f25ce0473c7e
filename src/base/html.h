// Text as HTML.
#pragma once

#include <string>
#include <string_view>

namespace godwit {

/// Safe as text and in quoted attribute values alike. Quotes become "&#34;" and "&#39;", as in the contract's redirect answers.
std::string html_escape(std::string_view text);

}  // namespace godwit
