// The form of an e-mail address, as the contract's rule `string.email` has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::rpc {

/// What is wrong with an address, or nothing. An addr-spec of RFC 5322 (dot-atom or quoted local part, non-ASCII letters
/// allowed there by RFC 6532) with an ASCII host name; no display name, no comments.
std::optional<std::string> email_fault(std::string_view address);

}  // namespace godwit::rpc
