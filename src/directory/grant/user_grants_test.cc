#include "directory/grant/user_grants.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "directory/project/grants.h"
#include "directory/project/holding.h"
#include "directory/removal/removal.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::grant {
namespace {

using project::RoleKeys;
using store::Database;
using store::TextMethod;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Acme owns the project "p" with roles a, b and c, and has granted a and b to Other ("pg").
class UserGrantsTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        UserStoreTest::SetUp();
        ASSERT_TRUE(projects_.create(acme(), editor_, {.name = "Portal", .id = "p"}));
        for (const char* key : {"a", "b", "c"}) add_role(key);
        ASSERT_TRUE(grants_.add(acme(), {.project_id = "p", .granted_org_id = "other-org", .roles = {"b", "a"}, .id = "pg"}, editor_));
        ann_ = add(human("ann", "ann"));
        bob_ = add(human("bob", "bob"), other());
    }
    void add_role(std::string key) {
        const project::Role role{.key = std::move(key), .display_name = "R"};
        EXPECT_TRUE(projects_.add_roles(acme(), editor_, "p", std::span(&role, 1)));
    }
    Result<UserGrant> give(const OrgScope& org, std::string user, RoleKeys roles, std::string project = "p", std::string grant = "") {
        return user_grants_.add(org, user::Ref::named(org, std::move(user)), {std::move(project), std::move(grant), std::move(roles)},
                                editor_);
    }
    UserGrant given(const OrgScope& org, std::string user, RoleKeys roles) {
        auto made = give(org, std::move(user), std::move(roles));
        EXPECT_TRUE(made) << made.error().id << made.error().message;
        return made ? *made : UserGrant();
    }
    GrantRef ref_of(const OrgScope& org, const UserGrant& grant) const { return {org, grant.user_id, grant.id}; }
    RoleKeys roles_of(const OrgScope& org, const UserGrant& grant) { return user_grants_.get(ref_of(org, grant))->roles; }
    project::GrantRef to_other() const { return {acme(), "p", "pg"}; }
    std::int64_t stored() { return count("SELECT COUNT(*) FROM user_grants WHERE instance_no = ?1"); }

    project::Projects projects_{store()};
    project::Grants grants_{store()};
    UserGrants user_grants_{store()};
    UserId ann_, bob_;
};
GODWIT_ON_BOTH_ENGINES(UserGrantsTest);

TEST_P(UserGrantsTest, SayWhoGivesWhatToWhom) {
    const auto own = given(acme(), "ann", {"c", "a", "a"});
    EXPECT_THAT(own.roles, ElementsAre("a", "c"));
    EXPECT_EQ(own.project_grant_id, "");
    EXPECT_EQ(own.org.primary_domain, "acme.localhost");
    const auto held = given(other(), "bob", {"b"});
    EXPECT_EQ(held.project_grant_id, "pg") << "found without being named";
    EXPECT_EQ(held.org.name, "Other");
    EXPECT_EQ(held.project_name, "Portal");
    EXPECT_EQ(held.preferred_login_name, "bob");
    EXPECT_EQ(held.email, "bob@example.com");
    EXPECT_TRUE(held.effective);
    EXPECT_EQ(user_grants_.get(ref_of(other(), held))->user, bob_);
    EXPECT_EQ(count("SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2 AND type = 'user.grant.added'", {held.key}), 1);
}

TEST_P(UserGrantsTest, GiveOnlyWhatTheOrganizationHolds) {
    ASSERT_TRUE(projects_.create(other(), editor_, {.name = "Theirs", .id = "q"}));
    given(acme(), "ann", {"a"});
    const struct {
        OrgScope org;
        const char *user, *project, *grant;
        RoleKeys roles;
        const char* error;
    } rows[] = {
        {acme(), "nobody", "p", "", {}, "COMMAND-4f8sg"},    {acme(), "bob", "p", "", {}, "COMMAND-4f8sg"},
        {acme(), "ann", "q", "", {}, "COMMAND-4m9ff"},       {acme(), "ann", "nope", "", {}, "COMMAND-4m9ff"},
        {acme(), "ann", "p", "pg", {}, "COMMAND-4m9ff"},     {other(), "bob", "p", "nope", {}, "COMMAND-4m9ff"},
        {other(), "bob", "q", "pg", {}, "COMMAND-4m9ff"},    {acme(), "ann", "p", "", {"d"}, "COMMAND-mm9F4"},
        {other(), "bob", "p", "pg", {"c"}, "COMMAND-mm9F4"}, {acme(), "ann", "p", "", {"b"}, "V3-DKcYh"},
    };
    for (const auto& row : rows) {
        const auto made = give(row.org, row.user, row.roles, row.project, row.grant);
        ASSERT_FALSE(made) << row.error;
        EXPECT_EQ(made.error().id, row.error) << row.user << " " << row.project << " " << row.grant;
    }
    EXPECT_EQ(stored(), 1);
}

TEST_P(UserGrantsTest, Change) {
    const auto grant = given(acme(), "ann", {"a"});
    const auto ref = ref_of(acme(), grant);
    EXPECT_EQ(user_grants_.update(ref, {"b", "c"}, editor_)->sequence, 2);
    EXPECT_THAT(roles_of(acme(), grant), ElementsAre("b", "c"));
    EXPECT_EQ(user_grants_.update(ref, {"c", "b"}, editor_).error().id, "COMMAND-Rs8fy");
    EXPECT_EQ(user_grants_.update(ref, {"d"}, editor_).error().id, "COMMAND-mm9F4");
    EXPECT_EQ(user_grants_.deactivate(ref, editor_)->sequence, 3);
    EXPECT_EQ(user_grants_.deactivate(ref, editor_)->sequence, 3) << "nothing changes";
    EXPECT_FALSE(user_grants_.get(ref)->effective);
    EXPECT_EQ(user_grants_.reactivate(ref, editor_)->sequence, 4);
    ASSERT_TRUE(user_grants_.remove(ref, editor_));
    EXPECT_EQ(user_grants_.remove(ref, editor_).error().id, "COMMAND-1My0t");
    EXPECT_EQ(user_grants_.get(ref).error().id, "QUERY-wIPkA");
}

TEST_P(UserGrantsTest, AreReachedByTheirOrganizationAndUserOnly) {
    const auto grant = given(acme(), "ann", {"a"});
    for (const auto& ref : {GrantRef{other(), "ann", grant.id}, GrantRef{acme(), "bob", grant.id}, GrantRef{acme(), "ann", "nope"},
                            GrantRef{OrgScope(other_scope(), acme_), "ann", grant.id}}) {
        EXPECT_EQ(user_grants_.get(ref).error().code, Code::not_found);
        EXPECT_EQ(user_grants_.update(ref, {"b"}, editor_).error().code, Code::not_found);
        EXPECT_EQ(user_grants_.deactivate(ref, editor_).error().code, Code::not_found);
        EXPECT_EQ(user_grants_.reactivate(ref, editor_).error().code, Code::not_found);
        EXPECT_EQ(user_grants_.remove(ref, editor_).error().code, Code::not_found);
    }
    EXPECT_EQ(user_grants_.remove_all(other(), {grant.id}, editor_).error().code, Code::not_found);
    EXPECT_EQ(user_grants_.remove_all(acme(), {}, editor_).error().id, "COMMAND-5M0sd");
    EXPECT_EQ(user_grants_.list(other(), {}, {})->total, 0U);
    EXPECT_EQ(stored(), 1);
}

TEST_P(UserGrantsTest, OfManyAreRemovedAllOrNone) {
    const auto one = given(acme(), "ann", {"a"});
    add(human("cat", "cat"));
    const auto two = given(acme(), "cat", {"a"});
    EXPECT_EQ(user_grants_.remove_all(acme(), {one.id, "nope"}, editor_).error().id, "COMMAND-1My0t");
    EXPECT_EQ(stored(), 2);
    EXPECT_TRUE(user_grants_.remove_all(acme(), {one.id, two.id, one.id}, editor_));
    EXPECT_EQ(stored(), 0);
}

TEST_P(UserGrantsTest, ARemovedRoleIsGoneAtOnceAndComesBackToNobody) {
    const auto own = given(acme(), "ann", {"a", "c"});
    const auto held = given(other(), "bob", {"a"});
    ASSERT_TRUE(projects_.remove_role(acme(), editor_, "p", "a"));
    EXPECT_THAT(roles_of(acme(), own), ElementsAre("c"));
    EXPECT_THAT(roles_of(other(), held), IsEmpty());
    EXPECT_THAT(grants_.get(to_other())->roles, ElementsAre("b"));
    EXPECT_EQ(give(other(), "bob", {"a"}).error().id, "COMMAND-mm9F4");

    add_role("a");
    EXPECT_THAT(roles_of(acme(), own), ElementsAre("c"));
    EXPECT_THAT(roles_of(other(), held), IsEmpty());
    EXPECT_THAT(grants_.get(to_other())->roles, ElementsAre("b"));
    const project::Role twice{.key = "c", .display_name = "R"};
    EXPECT_EQ(projects_.add_roles(acme(), editor_, "p", std::span(&twice, 1)).error().id, "V3-DKcYh");
    EXPECT_THAT(roles_of(acme(), own), ElementsAre("c")) << "adding what is there takes nothing";
}

TEST_P(UserGrantsTest, WhatIsTakenOutOfAProjectGrantIsGoneAtOnceAndDoesNotComeBack) {
    const auto held = given(other(), "bob", {"a", "b"});
    ASSERT_TRUE(grants_.update(to_other(), {"b"}, editor_));
    EXPECT_THAT(roles_of(other(), held), ElementsAre("b"));
    ASSERT_TRUE(grants_.update(to_other(), {"b", "a"}, editor_));
    EXPECT_THAT(roles_of(other(), held), ElementsAre("b"));
    ASSERT_TRUE(user_grants_.update(ref_of(other(), held), {"a", "b"}, editor_)) << "given anew";
    EXPECT_THAT(roles_of(other(), held), ElementsAre("a", "b"));
}

TEST_P(UserGrantsTest, HaveEffectWhileAllTheyRestOnIsActive) {
    const auto held = given(other(), "bob", {"a"});
    const auto effective = [&] { return user_grants_.get(ref_of(other(), held))->effective; };
    EXPECT_TRUE(effective());
    ASSERT_TRUE(grants_.deactivate(to_other(), editor_));
    EXPECT_FALSE(effective());
    ASSERT_TRUE(grants_.reactivate(to_other(), editor_));
    ASSERT_TRUE(projects_.deactivate(acme(), editor_, "p"));
    EXPECT_FALSE(effective());
    ASSERT_TRUE(projects_.reactivate(acme(), editor_, "p"));
    for (const auto& org : {acme(), other()}) {
        ASSERT_TRUE(orgs_.deactivate(org, editor_));
        EXPECT_FALSE(effective());
        ASSERT_TRUE(orgs_.reactivate(org, editor_));
    }
    EXPECT_TRUE(effective());
}

TEST_P(UserGrantsTest, GoWithWhatTheyHangOn) {
    given(acme(), "ann", {"a"});
    given(other(), "bob", {"a"});
    ASSERT_TRUE(removal::remove_project_grant(store(), to_other(), editor_));
    EXPECT_EQ(stored(), 1);
    EXPECT_EQ(grants_.get(to_other()).error().code, Code::not_found);
    EXPECT_EQ(removal::remove_project_grant(store(), to_other(), editor_).error().code, Code::not_found);
    ASSERT_TRUE(removal::remove_user(store(), users_, ref(ann_), editor_));
    EXPECT_EQ(stored(), 0);
    add(human("eve", "eve"));
    given(acme(), "eve", {"a"});
    ASSERT_TRUE(removal::remove_project(store(), acme(), editor_, "p"));
    EXPECT_EQ(stored(), 0);
}

TEST_P(UserGrantsTest, AreSearchedByEveryQuery) {
    ASSERT_TRUE(projects_.create(acme(), editor_, {.name = "Quarry", .id = "q"}));
    const UserId robot = add(machine("robot"));
    given(acme(), "ann", {"a", "c"});
    ASSERT_TRUE(give(acme(), "ann", {}, "q"));
    ASSERT_TRUE(give(acme(), std::to_string(robot.key), {"b"}));
    given(other(), "bob", {"b"});
    using Field = user::Query::Field;
    const auto text = [](Field field, const char* value, TextMethod method = TextMethod::equals) {
        return user::Query::text_is(field, value, method);
    };
    const auto is = [](const char* value, TextMethod method = TextMethod::equals) { return directory::TextFilter{value, method}; };
    const struct {
        const char* name;
        Filter filter;
        std::vector<std::string> found;  ///< users and projects
    } rows[] = {
        {"all", {}, {"ann p", "robot p", "ann q"}},
        {"project", {.project_ids = {"p"}}, {"ann p", "robot p"}},
        {"projects", {.project_ids = {"p", "q"}}, {}},
        {"unknown project", {.project_ids = {"x"}}, {}},
        {"user", {.user_ids = {"ann"}}, {"ann p", "ann q"}},
        {"project grant", {.project_grant_ids = {"pg"}, .with_granted = true}, {"bob p"}},
        {"unknown project grant", {.project_grant_ids = {"x"}}, {}},
        {"with granted", {.with_granted = true}, {"ann p", "bob p", "robot p", "ann q"}},
        {"role", {.role_keys = {is("a")}}, {"ann p"}},
        {"role begins", {.role_keys = {is("", TextMethod::starts_with)}}, {"ann p", "robot p"}},
        {"role, whatever case", {.role_keys = {is("B", TextMethod::equals_ignore_case)}, .with_granted = true}, {"bob p", "robot p"}},
        {"roles", {.role_keys = {is("a"), is("c")}}, {"ann p"}},
        {"no role", {.role_keys = {is("A")}}, {}},
        {"user name", {.users = {text(Field::user_name, "ROB", TextMethod::starts_with_ignore_case)}}, {"robot p"}},
        {"first name", {.users = {text(Field::first_name, "Ann")}}, {"ann p", "ann q"}},
        {"last name", {.users = {text(Field::last_name, "ee", TextMethod::ends_with)}}, {"ann p", "ann q"}},
        {"display name", {.users = {text(Field::display_name, "n l", TextMethod::contains_ignore_case)}}, {"ann p", "ann q"}},
        {"email", {.users = {text(Field::email, "ANN@example.com", TextMethod::equals_ignore_case)}}, {"ann p", "ann q"}},
        {"type", {.users = {user::Query::kind_is(user::Kind::machine)}}, {"robot p"}},
        {"org name", {.org_names = {is("oth", TextMethod::starts_with_ignore_case)}, .with_granted = true}, {"bob p"}},
        {"org domain", {.org_domains = {is("acme.localhost")}}, {"ann p", "robot p", "ann q"}},
        {"project name", {.project_names = {is("quarry", TextMethod::equals_ignore_case)}}, {"ann q"}},
    };
    for (const auto& row : rows) {
        const auto listed = user_grants_.list(acme(), row.filter, {});
        ASSERT_TRUE(listed) << row.name << ": " << listed.error().message;
        std::vector<std::string> found;
        for (const auto& grant : listed->rows) found.push_back(grant.user_name + " " + grant.project_id);
        EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(row.found)) << row.name;
        EXPECT_EQ(listed->total, row.found.size()) << row.name;
    }
    EXPECT_EQ(user_grants_.list(acme(), {}, {.offset = 1, .limit = 1})->rows.at(0).user, robot) << "by project, then user";
    EXPECT_EQ(user_grants_.list_of(scope(), ann_, {})->total, 2U);
}

TEST_P(UserGrantsTest, ARoleThatIsGoneIsNotFound) {
    given(other(), "bob", {"a"});
    const Filter by_role{.role_keys = {{"a", TextMethod::equals}}};
    EXPECT_EQ(user_grants_.list(other(), by_role, {})->total, 1U);
    ASSERT_TRUE(grants_.update(to_other(), {"b"}, editor_));
    EXPECT_EQ(user_grants_.list(other(), by_role, {})->total, 0U);
}

TEST_P(UserGrantsTest, ComeWithTheUserThatIsMade) {
    const auto with = [&](const char* name, std::vector<user::NewGrant> grants) {
        auto user = human(name, name);
        user.grants = std::move(grants);
        return user;
    };
    const user::NewUser batch[] = {
        with("g1", {{"p", "", {"b", "a"}}}),
        with("g2", {{"p", "", {"nope"}}}),
        with("g3", {{"nope", "", {}}}),
        with("g4", {{"p", "", {}}, {"p", "", {"a"}}}),
        with("g5", {}),
    };
    const auto outcome = users_.create(acme(), batch, editor_);
    ASSERT_TRUE(outcome) << outcome.error().message;
    std::vector<std::string> errors;
    for (const auto& slot : *outcome) errors.push_back(slot ? "" : slot.error().id);
    EXPECT_THAT(errors, ElementsAre("", "COMMAND-mm9F4", "COMMAND-4m9ff", "V3-DKcYh", ""));
    EXPECT_EQ(stored(), 1);
    const auto listed = user_grants_.list_of(scope(), (*outcome)[0]->id, {});
    ASSERT_EQ(listed->rows.size(), 1U);
    EXPECT_THAT(listed->rows[0].roles, ElementsAre("a", "b"));
    EXPECT_EQ(listed->rows[0].stamp.sequence, 1);

    ASSERT_TRUE(users_.create(other(), with("h1", {{"p", "pg", {"b"}}}), editor_));
    EXPECT_EQ(users_.create(other(), with("h2", {{"p", "pg", {"c"}}}), editor_).error().id, "COMMAND-mm9F4");
    EXPECT_EQ(user_grants_.list(other(), {}, {})->rows.at(0).project_grant_id, "pg");
}

TEST_P(UserGrantsTest, EightThreadsOneGrant) {
    std::atomic<int> made = 0, taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto result = give(acme(), "ann", {"a"});
            if (result) ++made;
            if (!result && result.error().id == "V3-DKcYh") ++taken;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(taken, 7);
}

TEST_P(UserGrantsTest, NoGrantOutlivesWhatItHangsOnWhoeverIsFirst) {
    for (int i = 0; i < 16; ++i) add(human("u" + std::to_string(i), "u" + std::to_string(i)), other());
    for (int round = 0; round < 4; ++round) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 7; ++i)
            threads.emplace_back([&, i] {
                const std::string user = "u" + std::to_string(round * 4 + i % 4);
                const auto made = give(other(), user, {"b"}, "p", "pg");
                if (!made) {
                    EXPECT_THAT(made.error().id,
                                ::testing::AnyOf("V3-DKcYh", "COMMAND-4m9ff", "COMMAND-4f8sg", "PROJECT-Vrs01", "USER-Vrs01"));
                }
            });
        threads.emplace_back([&] {
            EXPECT_TRUE(users_.remove(user::Ref::named(scope(), "u" + std::to_string(round * 4)), editor_));
            EXPECT_TRUE(removal::remove_project_grant(store(), to_other(), editor_));
        });
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(stored(), 0) << "of round " << round;
        ASSERT_TRUE(grants_.add(acme(), {.project_id = "p", .granted_org_id = "other-org", .roles = {"b"}, .id = "pg"}, editor_));
    }
}

}  // namespace
}  // namespace godwit::grant
