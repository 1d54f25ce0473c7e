// One state for each user a source knows, whichever way it comes (docs/migrate/states.md): kept in external_refs.state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::migration {

enum class UserState : std::int8_t {
    none = 0,       ///< nobody has spoken of it; never stored
    expected = 1,   ///< announced; comes by just-in-time or a later run
    no_secret = 2,  ///< is here, and has nothing to sign in with yet
    arrived = 3,
    signed_in = 4,
    failed = 5,   ///< a record that did not arrive; a mended one may
    removed = 6,  ///< was here, and was removed: does not come back
    skipped = 7,  ///< a record that was passed over, since somebody else is here in its place
};

enum class UserEvent : std::int8_t {
    announced,
    came_without_secret,
    came,         ///< with a way to sign in
    secret_came,  ///< for a user who is here
    signed_in,
    refused,
    passed_over,
    removed,
};

/// What the event makes of the state; nullopt when it cannot happen to it.
std::optional<UserState> next_state(UserState state, UserEvent event);

std::string_view name_of(UserState state);

}  // namespace godwit::migration
