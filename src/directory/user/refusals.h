// What somebody has already and cannot be had twice: the errors of Users::create, for whoever predicts them (a rehearsal).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::user {

inline Error link_taken() { return {Code::already_exists, "V3-DKcYh", "External IDP already taken"}; }
inline Error passkey_taken(std::string_view rp_id) {
    return {Code::already_exists, "USER-Psk08", "a passkey with this credential id is registered for " + std::string(rp_id)};
}
/// The id that a machine's key brings along.
inline Error key_taken() { return {Code::already_exists, "COMMAND-Key01", "a key with this id exists already"}; }

}  // namespace godwit::user
