// What somebody has already and cannot be had twice: the errors of Users::create, for whoever predicts them (a rehearsal).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::user {

/// Where such a part stands in what was given: idpLinks[2]. Merged::lost names it so.
inline std::string path_of(std::string_view list, std::size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

inline Error link_taken() { return {Code::already_exists, "V3-DKcYh", "External IDP already taken"}; }
inline Error passkey_taken(std::string_view rp_id) {
    return {Code::already_exists, "USER-Psk08", "a passkey with this credential id is registered for " + std::string(rp_id)};
}
/// The id that a machine's key brings along.
inline Error key_taken() { return {Code::already_exists, "COMMAND-Key01", "a key with this id exists already"}; }

}  // namespace godwit::user
