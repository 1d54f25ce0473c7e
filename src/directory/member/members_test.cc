#include "directory/member/members.h"

#include <gmock/gmock.h>

#include "directory/member/permissions.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::member {
namespace {

using ::testing::ElementsAre;
using Field = user::Query::Field;
using store::TextMethod;

class MembersTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        user::UserStoreTest::SetUp();
        for (const char* name : {"cara", "anna", "bert"}) {
            users_.push_back(add(human(name)));
            ASSERT_TRUE(members_.add(scope(), place(), editor_, users_.back(), {"ORG_OWNER"}));
        }
    }
    Place place() const { return Place::organization(acme_); }
    std::vector<std::string> names(const MemberFilter& filter, SortBy sort = SortBy::unspecified, const store::Page& page = {}) {
        const auto listed = members_.list(scope(), place(), filter, sort, page);
        EXPECT_TRUE(listed) << listed.error().message;
        std::vector<std::string> names;
        for (const Member& member : listed->rows) names.push_back(member.preferred_login_name);
        return names;
    }

    Members members_{store()};
    std::vector<UserId> users_;
};
GODWIT_ON_BOTH_ENGINES(MembersTest);

TEST_P(MembersTest, AreListedWithWhoTheyAre) {
    const auto listed = members_.list(scope(), place(), {}, SortBy::unspecified, {});
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(listed->total, 3U);
    const Member& first = listed->rows.at(0);
    EXPECT_EQ(first.user, users_[0]);
    EXPECT_THAT(first.roles, ElementsAre("ORG_OWNER"));
    EXPECT_EQ(first.user_kind, user::Kind::human);
    EXPECT_FALSE(first.display_name.empty());
    EXPECT_EQ(first.resource_owner, first.user_org_id) << "an organization's own users";
    EXPECT_EQ(first.stamp.sequence, 1);
    EXPECT_EQ(members_.list(scope(), Place::instance(), {}, SortBy::unspecified, {})->total, 0U);
    EXPECT_EQ(members_.list(scope(), Place::project(ProjectId(-1)), {}, SortBy::unspecified, {})->total, 0U);
}

TEST_P(MembersTest, AreFoundByEveryConditionAtOnce) {
    const std::string anna = members_.list(scope(), place(), {}, SortBy::unspecified, {})->rows.at(1).user_id;
    EXPECT_THAT(names({.user_ids = {anna}}), ElementsAre("anna"));
    EXPECT_THAT(names({.user_ids = {"nobody-has-this"}}), ElementsAre());
    const auto called = [](const char* text) { return user::Query::text_is(Field::user_name, text, TextMethod::starts_with); };
    EXPECT_THAT(names({.users = {called("b")}}), ElementsAre("bert"));
    EXPECT_THAT(names({.user_ids = {anna}, .users = {called("b")}}), ElementsAre());
}

TEST(Decide, ManagersOfAGrantManageThatGrant) {
    const Role* owner = find_role("PROJECT_GRANT_OWNER");
    ASSERT_NE(owner, nullptr);
    const Memberships held{
        {.place = Place::project_grant(7), .place_id = "g7", .roles = {"PROJECT_GRANT_OWNER"}, .permissions = owner->permissions}};
    for (const std::string_view verb : {"read", "write", "delete"}) {
        const auto permission = "project.grant.member." + std::string(verb);
        EXPECT_TRUE(decide(held, permission, OrgId(1), "g7").allowed) << permission;
        EXPECT_FALSE(decide(held, permission, OrgId(1), "g8").allowed) << permission;
        EXPECT_FALSE(decide(held, permission, OrgId(1), "").allowed) << permission;
        EXPECT_TRUE(decide_for_any_grant(held, permission, OrgId(1)).allowed) << permission;
    }
    EXPECT_FALSE(decide_for_any_grant(held, "project.member.read", OrgId(1)).allowed);
    EXPECT_FALSE(decide_for_any_grant({}, "project.grant.member.read", OrgId(1)).allowed);
    const Memberships own{{.place = Place::organization(OrgId(2)),
                           .place_id = "2",
                           .roles = {"ORG_OWNER"},
                           .permissions = find_role("ORG_OWNER")->permissions}};
    EXPECT_TRUE(decide_for_any_grant(own, "project.grant.member.read", OrgId(2)).allowed);
    EXPECT_FALSE(decide_for_any_grant(own, "project.grant.member.read", OrgId(1)).allowed) << "an owner of another organization";
}

TEST_P(MembersTest, AreListedInTheOrderAskedFor) {
    EXPECT_THAT(names({}), ElementsAre("cara", "anna", "bert"));
    EXPECT_THAT(names({}, SortBy::user_id, {.ascending = true}), ElementsAre("cara", "anna", "bert"));
    EXPECT_THAT(names({}, SortBy::user_id), ElementsAre("bert", "anna", "cara"));
    EXPECT_THAT(names({}, SortBy::unspecified, {.offset = 1, .limit = 1}), ElementsAre("anna"));
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(members_.update(scope(), place(), editor_, users_[0], {"ORG_OWNER_VIEWER"}));
    EXPECT_THAT(names({}, SortBy::changed, {.limit = 1}), ElementsAre("cara"));
}

}  // namespace
}  // namespace godwit::member
