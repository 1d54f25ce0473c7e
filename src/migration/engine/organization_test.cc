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
    const auto wanted = [&](std::optional<OrgId> only, std::string_view idp, std::string_view role) {
        NewJob out{.source = "legacy", .kind = "godwit", .org = only.value_or(OrgId{}), .instance_wide = !only, .options = {}};
        out.options.set_create_org(true);
        if (!idp.empty()) (*out.options.mutable_idp_map())["theirs"] = idp;
        if (!role.empty()) (*out.options.mutable_role_map())["/staff"] = role;
        return out;
    };
    const auto made = [&](const NewJob& job, std::string_view organization) {
        return make_job(store(), orgs_, jobs_, scope(), job, organization, editor_);
    };
    const auto refused = [&](std::optional<OrgId> only, std::string_view idp, std::string_view role) -> std::string {
        const auto done = made(wanted(only, idp, role), only ? "acme" : "Not here yet");
        return done ? "" : done.error().id;
    };
    for (const auto& only : {std::optional<OrgId>{}, std::optional(acme_)}) {
        EXPECT_EQ(refused(only, "nope", ""), "MIGRATE-Map01");
        EXPECT_EQ(refused(only, std::string("so\0", 3), ""), "MIGRATE-Map01");
        EXPECT_EQ(refused(only, "", "nope/buyer"), "MIGRATE-Map02");
        EXPECT_EQ(refused(only, "", "shop/nope"), "MIGRATE-Map02");
        EXPECT_EQ(refused(only, "", "buyer"), "MIGRATE-Job01");
    }
    EXPECT_EQ(refused(acme_, "sso", "shop/buyer"), "");
    EXPECT_EQ(refused(acme_, "", "p-1/buyer"), "");
    EXPECT_EQ(made(wanted(other_, "", "shop/buyer"), "").error().id, "MIGRATE-Map02") << "somebody else's";
    EXPECT_EQ(find("Not here yet", UnknownOrg::refused).error().id, "MIGRATE-Org01") << "nothing is made for a job that is refused";

    NewJob kept = wanted({}, "sso", "shop/buyer");
    kept.idempotency_key = "key";
    const auto first = made(kept, "Not here yet");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(find("Not here yet", UnknownOrg::refused), first->org);
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return db.exec(scope(), "DELETE FROM project_roles WHERE instance_no = ?1 AND role_key = ?2", {"buyer"});
    }));
    EXPECT_EQ(made(kept, "Not here yet")->id, first->id) << "it counts when the job is made";
}

}  // namespace
}  // namespace godwit::migration
