#include "migration/engine/organization.h"

#include "directory/project/projects.h"
#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

class OrganizationTest : public MigrationTest {
protected:
    Result<OrgId> find(std::string_view text, UnknownOrg unknown) { return find_org(store(), orgs_, scope(), text, unknown, editor_); }
};
GODWIT_ON_BOTH_ENGINES(OrganizationTest);

TEST_P(OrganizationTest, ThatIsNotThereIsWhatTheOptionsSay) {
    EXPECT_EQ(find("acme", UnknownOrg::refused), acme_);
    EXPECT_EQ(find("other-org", UnknownOrg::rehearsed), other_);
    EXPECT_EQ(find("New", UnknownOrg::refused).error().id, "MIGRATE-Org01");
    EXPECT_EQ(find("New", UnknownOrg::rehearsed).error().id, "MIGRATE-Org01") << "the instance has no default organization";
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return db.exec(scope(), "UPDATE instances SET default_org_id = ?2 WHERE instance_no = ?1", {acme_});
    }));
    EXPECT_EQ(find("New", UnknownOrg::rehearsed), acme_);
    const auto made = find("New", UnknownOrg::made);
    ASSERT_TRUE(made);
    EXPECT_EQ(find("new", UnknownOrg::refused), *made);
}

TEST_P(OrganizationTest, WhatMapsLeadToIsThereOrTheJobIsNotMade) {
    ASSERT_TRUE(idps_.create(acme(), editor_, {.name = "sso", .config = {}, .secret = {}}));
    project::Projects projects(store());
    ASSERT_TRUE(projects.create(acme(), editor_, {.name = "Shop", .id = "p-1"}));
    const project::Role buyer{.key = "buyer", .display_name = ""};
    ASSERT_TRUE(projects.add_roles(acme(), editor_, "p-1", {&buyer, 1}));
    const auto checked = [&](std::optional<OrgId> only, std::string_view idp, std::string_view role) -> std::string {
        v1::JobOptions options;
        if (!idp.empty()) (*options.mutable_idp_map())["theirs"] = idp;
        if (!role.empty()) (*options.mutable_role_map())["/staff"] = role;
        const auto done = check_maps(store(), scope(), only, options);
        return done ? "" : done.error().id;
    };
    for (const auto& only : {std::optional<OrgId>{}, std::optional(acme_)}) {
        EXPECT_EQ(checked(only, "sso", "shop/buyer"), "");
        EXPECT_EQ(checked(only, "", "p-1/buyer"), "");
        EXPECT_EQ(checked(only, "nope", ""), "MIGRATE-Map01");
        EXPECT_EQ(checked(only, std::string("so\0", 3), ""), "MIGRATE-Map01");
        EXPECT_EQ(checked(only, "", "nope/buyer"), "MIGRATE-Map02");
        EXPECT_EQ(checked(only, "", "shop/nope"), "MIGRATE-Map02");
    }
    EXPECT_EQ(checked(other_, "", "shop/buyer"), "MIGRATE-Map02") << "somebody else's";
}

}  // namespace
}  // namespace godwit::migration
