#include "migration/engine/user_state.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

using S = UserState;
using E = UserEvent;

struct Step {
    S from;
    E event;
    std::optional<S> to;
};

TEST(UserStateTest, EveryEventInEveryState) {
    const Step steps[] = {
        {S::none, E::announced, S::expected},
        {S::none, E::came_without_secret, S::no_secret},
        {S::none, E::came, S::arrived},
        {S::none, E::secret_came, {}},
        {S::none, E::signed_in, {}},
        {S::none, E::refused, S::failed},
        {S::none, E::passed_over, S::skipped},
        {S::expected, E::came_without_secret, S::no_secret},
        {S::expected, E::came, S::arrived},
        {S::expected, E::refused, S::failed},
        {S::expected, E::removed, S::removed},
        {S::failed, E::came, S::arrived},
        {S::failed, E::announced, S::expected},
        {S::skipped, E::came, S::arrived},
        {S::no_secret, E::announced, S::no_secret},
        {S::no_secret, E::came_without_secret, S::no_secret},
        {S::no_secret, E::secret_came, S::arrived},
        {S::no_secret, E::came, S::arrived},
        {S::no_secret, E::signed_in, S::signed_in},
        {S::no_secret, E::refused, S::no_secret},
        {S::no_secret, E::removed, S::removed},
        {S::arrived, E::came_without_secret, S::arrived},
        {S::arrived, E::refused, S::arrived},
        {S::arrived, E::passed_over, S::arrived},
        {S::arrived, E::signed_in, S::signed_in},
        {S::signed_in, E::came, S::signed_in},
        {S::signed_in, E::secret_came, S::signed_in},
        {S::signed_in, E::refused, S::signed_in},
        {S::signed_in, E::removed, S::removed},
        {S::removed, E::came, {}},
        {S::removed, E::came_without_secret, {}},
        {S::removed, E::announced, {}},
        {S::removed, E::signed_in, {}},
        {S::removed, E::refused, S::removed},
        {S::removed, E::passed_over, S::removed},
    };
    for (const Step& step : steps)
        EXPECT_EQ(next_state(step.from, step.event), step.to) << name_of(step.from) << " / " << static_cast<int>(step.event);
}

/// Who is here is never lost by sending a record again, in whichever order things happen.
TEST(UserStateTest, NothingButRemovalTakesAUserAway) {
    for (const S from : {S::no_secret, S::arrived, S::signed_in}) {
        for (const E event : {E::announced, E::came_without_secret, E::came, E::secret_came, E::signed_in, E::refused, E::passed_over}) {
            const auto to = next_state(from, event);
            ASSERT_TRUE(to) << name_of(from) << " / " << static_cast<int>(event);
            EXPECT_GE(static_cast<int>(*to), static_cast<int>(from));
            EXPECT_LE(static_cast<int>(*to), static_cast<int>(S::signed_in));
        }
    }
}

}  // namespace
}  // namespace godwit::migration
