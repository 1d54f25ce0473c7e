#include "migration/engine/user_state.h"

#include <array>

namespace godwit::migration {
namespace {

/// Nobody is here yet: whatever comes decides.
std::optional<UserState> next_of_absent(UserEvent event) {
    switch (event) {
        case UserEvent::announced:
            return UserState::expected;
        case UserEvent::came_without_secret:
            return UserState::no_secret;
        case UserEvent::came:
            return UserState::arrived;
        case UserEvent::refused:
            return UserState::failed;
        case UserEvent::passed_over:
            return UserState::skipped;
        case UserEvent::removed:
            return UserState::removed;
        case UserEvent::secret_came:
        case UserEvent::signed_in:
            return std::nullopt;
    }
    return std::nullopt;
}

/// Somebody is here: a record sent again raises the state and never lowers it.
std::optional<UserState> next_of_present(UserState state, UserEvent event) {
    switch (event) {
        case UserEvent::announced:
        case UserEvent::came_without_secret:
        case UserEvent::refused:
        case UserEvent::passed_over:
            return state;
        case UserEvent::came:
        case UserEvent::secret_came:
            return state == UserState::no_secret ? UserState::arrived : state;
        case UserEvent::signed_in:
            return UserState::signed_in;
        case UserEvent::removed:
            return UserState::removed;
    }
    return std::nullopt;
}

}  // namespace

std::optional<UserState> next_state(UserState state, UserEvent event) {
    switch (state) {
        case UserState::none:
        case UserState::expected:
        case UserState::failed:
        case UserState::skipped:
            return next_of_absent(event);
        case UserState::no_secret:
        case UserState::arrived:
        case UserState::signed_in:
            return next_of_present(state, event);
        case UserState::removed:
            break;
    }
    return event == UserEvent::refused || event == UserEvent::passed_over || event == UserEvent::removed ? std::optional(UserState::removed)
                                                                                                         : std::nullopt;
}

std::string_view name_of(UserState state) {
    constexpr std::array<std::string_view, 8> kNames{"none",      "expected", "no_secret", "arrived",
                                                     "signed_in", "failed",   "removed",   "skipped"};
    return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace godwit::migration
