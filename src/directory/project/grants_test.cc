#include "directory/project/grants.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "directory/instance/instances.h"
#include "directory/org/orgs.h"
#include "directory/project/holding.h"
#include "store/store_test_fixture.h"

namespace godwit::project {
namespace {

using store::Database;
using store::TextMethod;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RoleList, IsSortedAndHoldsEachOnce) {
    EXPECT_THAT(sorted_roles({"b", "a", "b"}), ElementsAre("a", "b"));
    EXPECT_THAT(split_roles(join_roles({"a b", "c"})), ElementsAre("a b", "c"));
    EXPECT_THAT(split_roles(""), IsEmpty());
    EXPECT_THAT(common_roles({"a", "b"}, {"b", "c"}), ElementsAre("b"));
    EXPECT_TRUE(has_roles({"a", "b"}, {}));
    EXPECT_FALSE(has_roles({"a", "b"}, {"c"}));
}

class GrantsTest : public store::StoreTest {
protected:
    void SetUp() override {
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) -> Result<void> {
            TRY(instances_.create(db, {}, {.name = "I", .primary_host = "localhost"}));
            owner_ = TRY(orgs_.create(db, scope(), {}, {.name = "Owner", .id = "owner"})).key;
            holder_ = TRY(orgs_.create(db, scope(), {}, {.name = "Holder", .id = "holder"})).key;
            return {};
        }));
        ASSERT_TRUE(projects_.create(owner(), {}, {.name = "P", .id = "p"}));
        for (const char* key : {"reader", "writer"}) {
            const Role role{.key = key, .display_name = key};
            ASSERT_TRUE(projects_.add_roles(owner(), {}, "p", std::span(&role, 1)));
        }
    }
    OrgScope owner() const { return {scope(), owner_}; }
    OrgScope holder() const { return {scope(), holder_}; }
    Result<Grant> grant(RoleKeys roles = {"reader"}, std::string to = "holder", std::string project = "p") {
        return grants_.add(owner(),
                           {.project_id = std::move(project), .granted_org_id = std::move(to), .roles = std::move(roles), .id = "g"}, {});
    }
    GrantRef ref() const { return {owner(), "p", "g"}; }

    instance::Instances instances_{store(), {}};
    org::Orgs orgs_{store(), instances_};
    Projects projects_{store()};
    Grants grants_{store()};
    OrgId owner_, holder_;
};
GODWIT_ON_BOTH_ENGINES(GrantsTest);

TEST_P(GrantsTest, AreMadeChangedAndRead) {
    EXPECT_EQ(grant({"reader"}, "holder", "nope").error().id, "COMMAND-3M9sd");
    EXPECT_EQ(grant({"reader"}, "nope").error().id, "COMMAND-3m9gg");
    EXPECT_EQ(grant({"nope"}).error().id, "COMMAND-6m9gd");
    const auto made = grant();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->id, "g");
    EXPECT_EQ(made->granted_org_name, "Holder");
    EXPECT_EQ(made->owner_name, "Owner");
    EXPECT_EQ(grant().error().id, "V3-DKcYh");
    EXPECT_EQ(grants_.update(ref(), {"writer", "reader"}, {})->sequence, 2);
    EXPECT_EQ(grants_.update(ref(), {"reader", "writer"}, {})->sequence, 2) << "nothing changes";
    EXPECT_EQ(grants_.update(ref(), {"nope"}, {}).error().id, "COMMAND-6m9gd");
    EXPECT_EQ(grants_.deactivate(ref(), {})->sequence, 3);
    EXPECT_EQ(grants_.deactivate(ref(), {})->sequence, 3);
    EXPECT_EQ(grants_.get(ref())->state, State::inactive);
    EXPECT_EQ(grants_.reactivate(ref(), {})->sequence, 4);
    EXPECT_THAT(grants_.get_granted(holder(), "p", "g")->roles, ElementsAre("reader", "writer"));
}

TEST_P(GrantsTest, AreReachedFromTheirSideOnly) {
    ASSERT_TRUE(grant());
    const GrantRef from_holder{holder(), "p", "g"}, elsewhere{OrgScope(other_scope(), owner_), "p", "g"}, unknown{owner(), "p", "h"},
        of_another{owner(), "q", "g"};
    for (const auto& foreign : {from_holder, elsewhere, unknown, of_another}) {
        EXPECT_EQ(grants_.get(foreign).error().id, "PROJECT-D8JxR");
        EXPECT_EQ(grants_.update(foreign, {}, {}).error().id, "PROJECT-D8JxR");
        EXPECT_EQ(grants_.deactivate(foreign, {}).error().id, "PROJECT-D8JxR");
    }
    EXPECT_EQ(grants_.get_granted(owner(), "p", "g").error().id, "PROJECT-D8JxR");
    EXPECT_EQ(grants_.list(holder(), {}, {})->total, 0U);
    EXPECT_EQ(grants_.list_granted(owner(), {}, {})->total, 0U);
}

TEST_P(GrantsTest, AreListed) {
    ASSERT_TRUE(grant());
    const auto is = [](const char* value, TextMethod method = TextMethod::equals) { return directory::TextFilter{value, method}; };
    const struct {
        GrantFilter filter;
        std::uint64_t found;
    } rows[] = {
        {{}, 1},
        {{.project_names = {is("p", TextMethod::equals_ignore_case)}}, 1},
        {{.project_names = {is("Q")}}, 0},
        {{.role_keys = {is("read", TextMethod::starts_with)}}, 1},
        {{.role_keys = {is("READER", TextMethod::equals_ignore_case)}}, 1},
        {{.role_keys = {is("writer")}}, 0},
        {{.role_keys = {is("ade", TextMethod::contains)}}, 1},
        {{.project_ids = {"p"}}, 1},
        {{.project_ids = {"q"}}, 0},
        {{.owner_ids = {"owner"}}, 1},
        {{.owner_ids = {"holder"}}, 0},
        {{.granted_org_ids = {"holder"}}, 1},
        {{.granted_org_ids = {"owner"}}, 0},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(grants_.list(owner(), row.filter, {})->total, row.found) << &row - rows;
        EXPECT_EQ(grants_.list_granted(holder(), row.filter, {})->total, row.found) << &row - rows;
    }
    ASSERT_TRUE(projects_.remove_role(owner(), {}, "p", "reader"));
    EXPECT_THAT(grants_.list(owner(), {}, {})->rows.at(0).roles, IsEmpty());
    EXPECT_EQ(grants_.list(owner(), {.role_keys = {is("reader")}}, {})->total, 0U);
}

TEST_P(GrantsTest, RoleKeysAreOneALine) {
    for (const char* key : {"", "a\nb", "a\tb", "\xff"}) {
        const Role role{.key = key, .display_name = "R"};
        EXPECT_EQ(projects_.add_roles(owner(), {}, "p", std::span(&role, 1)).error().id, "PROJECT-Rol01");
    }
}

TEST_P(GrantsTest, EightThreadsOneGrant) {
    std::atomic<int> made = 0, taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto result = grants_.add(owner(), {.project_id = "p", .granted_org_id = "holder"}, {});
            if (result) ++made;
            if (!result && result.error().id == "V3-DKcYh") ++taken;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(taken, 7);
}

}  // namespace
}  // namespace godwit::project
