#include "transport/http/budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace godwit::http {
namespace {

using enum Budget::Outcome;

TEST(Budget, BoundsAllAndEachAndGivesBackExactly) {
    Budget budget(100, 60);
    std::optional<Budget::Hold> first, second, other;
    first.emplace(budget, "192.0.2.1");
    second.emplace(budget, "192.0.2.1");
    other.emplace(budget, "192.0.2.2");
    EXPECT_EQ(first->add(40), taken);
    EXPECT_EQ(second->add(21), client_full);
    EXPECT_EQ(second->add(20), taken) << "what was refused was not taken";
    EXPECT_EQ(first->add(1), client_full);
    EXPECT_EQ(other->add(41), full);
    EXPECT_EQ(other->add(40), taken);
    EXPECT_EQ(other->add(1), full);
    EXPECT_EQ(other->add(0), taken);
    EXPECT_EQ(budget.held(), 100U);

    first.reset();
    EXPECT_EQ(budget.held(), 60U);
    EXPECT_EQ(second->add(40), taken) << "up to its share again";
    EXPECT_EQ(second->add(1), full);
    second.reset();
    other.reset();
    EXPECT_EQ(budget.held(), 0U);
}

TEST(Budget, KnowsAClientByItsNetwork) {
    const struct {
        const char *one, *another;
        bool same;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", true},          {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true},   {"2001:db8::1", "2001:db8::ffff:0:0:2", true},
        {"2001:db8::1", "2001:db8:0:1::1", false}, {"::1", "192.0.2.1", false},
    };
    for (const auto& row : rows) {
        Budget budget(100, 50);
        Budget::Hold one(budget, row.one), another(budget, row.another);
        EXPECT_EQ(one.add(50), taken);
        EXPECT_EQ(another.add(50), row.same ? client_full : taken) << row.one << " and " << row.another;
    }
}

TEST(Budget, CountsRightFromManyThreads) {
    Budget budget(1'000'000, 1'000'000);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < 1'000; ++round) {
                    Budget::Hold hold(budget, "192.0.2.1");
                    EXPECT_EQ(hold.add(7), taken);
                    EXPECT_EQ(hold.add(11), taken);
                }
            });
        }
    }
    EXPECT_EQ(budget.held(), 0U);
}

}  // namespace
}  // namespace godwit::http
