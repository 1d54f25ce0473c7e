// Projects, applications, members and removal together: what one leaves behind the others must see.
#include <map>

#include "directory/app/apps.h"
#include "directory/instance/instances.h"
#include "directory/member/org_owner.h"
#include "directory/member/permissions.h"
#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "directory/project/projects.h"
#include "directory/removal/removal.h"
#include "directory/user/user_test_fixture.h"

namespace godwit {
namespace {

using application::GrantType;
using application::OidcAuthMethod;
using application::ResponseType;
using member::Place;
using store::Database;

class NounsTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        user::UserStoreTest::SetUp();
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) -> Result<void> {
            org_ = TRY(orgs_.create(db, scope(), {}, {.name = "A"}));
            other_org_ = TRY(orgs_.create(db, scope(), {}, {.name = "B"}));
            return {};
        }));
    }
    OrgScope org() const { return {scope(), org_.key}; }
    OrgScope other_org() const { return {scope(), other_org_.key}; }
    project::Project project(std::string name = "P", std::optional<std::string> id = {}) {
        auto made = projects_.create(org(), {}, {.name = std::move(name), .id = std::move(id)});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    static application::NewApp web(std::string name) {
        application::OidcConfig config;
        config.redirect_uris = {"https://a.example.com/cb"};
        return {.name = std::move(name), .config = config};
    }
    application::Ref ref(const application::App& app) const { return {org(), app.project_id, app.id}; }
    rpc::Caller caller(int number) {
        rpc::Caller caller;
        caller.user = person(number);
        caller.org = other_org_.key;
        return caller;
    }

    /// A user for each number.
    UserId person(int number) {
        auto& known = people_[number];
        if (known == UserId{}) known = add(machine("m" + std::to_string(number)));
        return known;
    }

    std::map<int, UserId> people_;
    project::Projects projects_{store()};
    application::Apps apps_{store()};
    member::Members members_{store()};
    member::Permissions permissions_{store()};
    org::Org org_, other_org_;
};
GODWIT_ON_BOTH_ENGINES(NounsTest);

TEST_P(NounsTest, ProjectsBelongToTheirOrganization) {
    const auto made = project("P", "p-1");
    EXPECT_EQ(made.org_id, org_.id);
    EXPECT_EQ(projects_.create(org(), {}, {.name = "p"}).error().id, "V3-DKcYh");
    EXPECT_EQ(projects_.create(org(), {}, {.name = "Q", .id = "p-1"}).error().id, "COMMAND-opamwu");
    EXPECT_TRUE(projects_.create(other_org(), {}, {.name = "P"})) << "the name is free in another organization";
    EXPECT_EQ(projects_.list(org(), {}, {})->total, 1U);

    EXPECT_EQ(projects_.update(other_org(), {}, "p-1", "X", {}).error().code, Code::not_found);
    const auto same = projects_.update(org(), {}, "p-1", "P", {});
    ASSERT_TRUE(same);
    EXPECT_EQ(same->sequence, 1) << "nothing changed";
    EXPECT_EQ(projects_.update(org(), {}, "p-1", "P2", {.role_assertion = true})->sequence, 2);
    EXPECT_TRUE(projects_.find(scope(), "p-1")->value().flags.role_assertion);
    EXPECT_FALSE(*projects_.find(other_scope(), "p-1"));

    ASSERT_TRUE(projects_.deactivate(org(), {}, "p-1"));
    EXPECT_EQ(projects_.deactivate(org(), {}, "p-1").error().id, "COMMAND-mki55");
    ASSERT_TRUE(projects_.reactivate(org(), {}, "p-1"));
}

TEST_P(NounsTest, ProjectsHaveRoles) {
    const auto made = project();
    const std::vector<project::Role> roles = {{.key = "writer", .display_name = "W"}, {.key = "reader", .display_name = "R", .group = "g"}};
    ASSERT_TRUE(projects_.add_roles(org(), {}, made.id, roles));
    EXPECT_EQ(projects_.add_roles(org(), {}, made.id, std::span(roles).first(1)).error().id, "V3-DKcYh");
    const auto listed = projects_.roles(scope(), made.id, {}, {});
    ASSERT_EQ(listed->total, 2U);
    EXPECT_EQ(listed->rows[0].key, "reader");
    ASSERT_TRUE(projects_.update_role(org(), {}, made.id, {.key = "reader", .display_name = "R2"}));
    EXPECT_EQ(projects_.update_role(org(), {}, made.id, {.key = "nope", .display_name = "x"}).error().code, Code::not_found);
    ASSERT_TRUE(projects_.remove_role(org(), {}, made.id, "reader"));
    ASSERT_TRUE(projects_.remove_role(org(), {}, made.id, "reader")) << "removing what is gone is no error";
    EXPECT_EQ(projects_.roles(scope(), made.id, {.keys = {{"WRI", store::TextMethod::starts_with_ignore_case}}}, {})->total, 1U);
}

TEST_P(NounsTest, ApplicationsAreFoundByClientId) {
    const auto made = project();
    const auto created = apps_.create(org(), made.id, {}, web("web"));
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_NE(created->app.id, created->app.client_id);
    EXPECT_EQ(created->client_secret.reveal().size(), 43U);
    EXPECT_EQ(application::verify_secret(created->app.secret, created->client_secret.reveal()), true);
    EXPECT_EQ(application::verify_secret(created->app.secret, "nope"), false);
    EXPECT_EQ(application::verify_secret("$2a$10$abc", "nope"), std::nullopt);
    EXPECT_EQ(application::verify_secret("", ""), false);

    const auto found = apps_.find_by_client_id(scope(), created->app.client_id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, created->app.id);
    EXPECT_EQ((*found)->oidc()->redirect_uris, (std::vector<std::string>{"https://a.example.com/cb"}));
    EXPECT_EQ(*apps_.find_by_client_id(scope(), "nope"), nullptr);
    EXPECT_EQ(*apps_.find_by_client_id(other_scope(), created->app.client_id), nullptr);

    EXPECT_EQ(apps_.create(org(), made.id, {}, web("Web")).error().id, "V3-DKcYh");
    EXPECT_EQ(apps_.create(other_org(), made.id, {}, web("x")).error().code, Code::not_found);
    auto brought = web("brought");
    brought.client_id = "legacy|client";
    ASSERT_TRUE(apps_.create(org(), made.id, {}, brought));
    EXPECT_TRUE(*apps_.find_by_client_id(scope(), "legacy|client"));
}

TEST_P(NounsTest, CachedApplicationsFollowEveryChange) {
    const auto made = project();
    const auto created = apps_.create(org(), made.id, {}, web("web"));
    ASSERT_TRUE(created);
    const auto cached = [&] { return *apps_.find_by_client_id(scope(), created->app.client_id); };
    const application::Apps another_node(store());
    ASSERT_TRUE(*another_node.find_by_client_id(scope(), created->app.client_id));
    ASSERT_TRUE(cached());

    auto config = *created->app.oidc();
    config.redirect_uris = {"https://b.example.com/cb"};
    ASSERT_TRUE(apps_.update(ref(created->app), {}, config));
    EXPECT_EQ(cached()->oidc()->redirect_uris.front(), "https://b.example.com/cb");
    EXPECT_EQ((*another_node.find_by_client_id(scope(), created->app.client_id))->oidc()->redirect_uris.front(),
              "https://b.example.com/cb");
    EXPECT_EQ(apps_.update(ref(created->app), {}, config).error().id, "COMMAND-1m88i");
    EXPECT_EQ(apps_.update(ref(created->app), {}, application::ApiConfig{}).error().code, Code::invalid_argument);

    const auto issued = apps_.regenerate_secret(ref(created->app), {});
    ASSERT_TRUE(issued);
    EXPECT_EQ(application::verify_secret(cached()->secret, issued->client_secret.reveal()), true);
    EXPECT_EQ(application::verify_secret(cached()->secret, created->client_secret.reveal()), false);
    ASSERT_TRUE(apps_.deactivate(ref(created->app), {}));
    EXPECT_EQ(cached()->state, application::State::inactive);
    ASSERT_TRUE(apps_.remove(ref(created->app), {}));
    EXPECT_EQ(cached(), nullptr);
    EXPECT_EQ(apps_.get(ref(created->app)).error().id, "QUERY-pCP8P");
}

TEST_P(NounsTest, ApplicationsSignWithKeys) {
    const auto made = project();
    const auto basic = apps_.create(org(), made.id, {}, {.name = "basic", .config = application::ApiConfig{}});
    const auto jwt =
        apps_.create(org(), made.id, {}, {.name = "jwt", .config = application::ApiConfig{application::ApiAuthMethod::private_key_jwt}});
    ASSERT_TRUE(basic && jwt);
    EXPECT_FALSE(basic->client_secret.empty());
    EXPECT_TRUE(jwt->client_secret.empty());
    EXPECT_EQ(apps_.add_key(ref(basic->app), {}, {}).error().id, "COMMAND-Dff54");
    EXPECT_EQ(apps_.regenerate_secret(ref(jwt->app), {}).error().code, Code::failed_precondition);
    EXPECT_EQ(apps_.add_key(ref(jwt->app), {}, clock().now()).error().id, "DOMAIN-dv3t5");
    const auto key = apps_.add_key(ref(jwt->app), {}, {});
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_NE(key->details.reveal().find(R"("clientId":")" + jwt->app.client_id), std::string_view::npos);
    EXPECT_NE(key->details.reveal().find("BEGIN RSA PRIVATE KEY"), std::string_view::npos);
    const auto owner = apps_.find_key(scope(), key->id);
    ASSERT_TRUE(owner && *owner);
    EXPECT_EQ((*owner)->client_id, jwt->app.client_id);
    EXPECT_EQ((*owner)->expires, application::kNoExpiry);
    EXPECT_EQ(apps_.list_keys(ref(jwt->app), {})->total, 1U);
    EXPECT_EQ(apps_.get_key(ref(basic->app), key->id).error().code, Code::not_found) << "another application's";
    ASSERT_TRUE(apps_.remove_key(ref(jwt->app), {}, key->id));
    EXPECT_FALSE(*apps_.find_key(scope(), key->id));
}

TEST_P(NounsTest, RemovingAProjectLeavesNothing) {
    const auto made = project("P", "p-1");
    const auto app =
        apps_.create(org(), "p-1", {}, {.name = "jwt", .config = application::ApiConfig{application::ApiAuthMethod::private_key_jwt}});
    ASSERT_TRUE(app && apps_.add_key(ref(app->app), {}, {}));
    ASSERT_TRUE(projects_.add_roles(org(), {}, "p-1", std::vector<project::Role>{{.key = "r", .display_name = "R"}}));
    ASSERT_TRUE(members_.add(scope(), Place::project(made.key), {}, person(5), {"PROJECT_OWNER"}));
    EXPECT_EQ(removal::remove_project(store(), other_org(), {}, "p-1").error().code, Code::not_found);
    ASSERT_TRUE(removal::remove_project(store(), org(), {}, "p-1"));
    for (const char* sql : {"SELECT 1 FROM projects WHERE instance_no = ?1", "SELECT 1 FROM applications WHERE instance_no = ?1",
                            "SELECT 1 FROM app_keys WHERE instance_no = ?1", "SELECT 1 FROM project_roles WHERE instance_no = ?1",
                            "SELECT 1 FROM members WHERE instance_no = ?1"}) {
        EXPECT_EQ(
            *store().read(Database::directory, [&](store::Reader& db) { return db.query(scope(), sql, {}, [](const store::Row&) {}); }), 0)
            << sql;
    }
    EXPECT_EQ(*apps_.find_by_client_id(scope(), app->app.client_id), nullptr);
    EXPECT_EQ(project("P", "p-1").name, "P") << "name and id are free again";
}

TEST_P(NounsTest, MembersHoldRolesOfTheirScope) {
    const Place place = Place::organization(org_.key);
    ASSERT_TRUE(members_.add(scope(), place, {}, person(5), {"ORG_USER_MANAGER", "ORG_OWNER", "ORG_OWNER"}));
    EXPECT_EQ(members_.add(scope(), place, {}, person(5), {"ORG_OWNER"}).error().id, "ORG-poWwe");
    for (const char* role : {"IAM_OWNER", "PROJECT_OWNER", "NOPE", "SELF_MANAGEMENT_GLOBAL"})
        EXPECT_EQ(members_.add(scope(), place, {}, person(6), {role}).error().id, "Org-4N8es") << role;
    EXPECT_EQ(members_.add(scope(), place, {}, person(6), {}).error().code, Code::invalid_argument);
    EXPECT_EQ(members_.add(scope(), place, {}, UserId(-1), {"ORG_OWNER"}).error().id, "ORG-GoXOn") << "no such user";
    EXPECT_EQ(members_.add(scope(), Place::project(ProjectId(1)), {}, person(6), {"PROJECT_OWNER"}).error().code, Code::not_found);

    EXPECT_EQ((*members_.memberships_of(scope(), person(5)))->front().roles, (std::vector<std::string>{"ORG_OWNER", "ORG_USER_MANAGER"}));
    ASSERT_TRUE(members_.update(scope(), place, {}, person(5), {"ORG_OWNER_VIEWER"}));
    EXPECT_EQ(members_.update(scope(), place, {}, person(6), {"ORG_OWNER"}).error().code, Code::not_found);
    const auto memberships = *members_.memberships_of(scope(), person(5));
    ASSERT_EQ(memberships->size(), 1U);
    EXPECT_EQ(memberships->front().place_id, org_.id);
    EXPECT_EQ(members_.update(scope(), place, {}, person(5), {"ORG_OWNER_VIEWER"})->sequence, 2) << "the same roles change nothing";
    EXPECT_EQ(members_.remove(scope(), place, {}, person(5))->sequence, 3);
    EXPECT_TRUE(members_.remove(scope(), place, {}, person(5))) << "who is no member is removed";
    EXPECT_TRUE((*members_.memberships_of(scope(), person(5)))->empty());
    EXPECT_EQ(members_.remove(scope(), Place::project(ProjectId(1)), {}, person(5)).error().code, Code::not_found);
}

TEST_P(NounsTest, PermissionsFollowMemberships) {
    const auto made = project("P", "p-1");
    const auto two = project("Q", "q-1");
    ASSERT_TRUE(members_.add(scope(), Place::instance(), {}, person(1), {"IAM_OWNER"}));
    ASSERT_TRUE(members_.add(scope(), Place::organization(org_.key), {}, person(2), {"ORG_OWNER"}));
    ASSERT_TRUE(members_.add(scope(), Place::project(made.key), {}, person(3), {"PROJECT_OWNER"}));
    ASSERT_TRUE(members_.add(scope(), Place::organization(org_.key), {}, person(4), {"ORG_OWNER_VIEWER"}));
    struct Row {
        int user;
        const char* permission;
        OrgId org;
        const char* subject;
        bool allowed;
    };
    const Row rows[] = {
        {1, "iam.write", org_.key, "", true},
        {1, "migration.write", other_org_.key, "", true},
        {1, "project.app.write", other_org_.key, "p-1", true},
        {2, "user.write", org_.key, "", true},
        {2, "migration.write", org_.key, "", true},
        {2, "user.write", other_org_.key, "", false},
        {2, "iam.read", org_.key, "", false},
        {2, "org.create", org_.key, "", false},
        {3, "project.app.write", org_.key, "p-1", true},
        {3, "project.app.write", org_.key, "q-1", false},
        {3, "project.app.write", org_.key, "", false},
        {3, "user.write", org_.key, "p-1", false},
        {4, "user.read", org_.key, "", true},
        {4, "user.write", org_.key, "", false},
        {5, "user.read", org_.key, "", false},
        {5, "authenticated", org_.key, "", true},
        {1, "no.such.permission", org_.key, "", false},
    };
    for (const auto& row : rows) {
        auto who = caller(row.user);
        for (const bool attached : {false, true}) {
            if (attached) {
                ASSERT_TRUE(
                    store().read(Database::directory, [&](store::Reader& db) { return member::attach_memberships(db, scope(), who); }));
            }
            const auto checked = permissions_.check(scope(), who, row.permission, row.org, row.subject);
            EXPECT_EQ(checked.has_value(), row.allowed) << row.user << " " << row.permission << " " << row.subject << attached;
            if (!checked) {
                EXPECT_EQ(checked.error().id, "AUTH-5mWD2");
            }
        }
    }
    EXPECT_FALSE(permissions_.check(other_scope(), caller(1), "iam.read", org_.key, "")) << "rights end at the instance";
}

TEST_P(NounsTest, ResolvesTheOrganizationOfACall) {
    EXPECT_EQ(*permissions_.resolve_org(scope(), caller(1), ""), other_org_.key);
    EXPECT_EQ(*permissions_.resolve_org(scope(), caller(1), org_.id), org_.key);
    EXPECT_EQ(permissions_.resolve_org(scope(), caller(1), "nope").error().id, "AUTH-Bs7Ds");
    EXPECT_EQ(permissions_.resolve_org(other_scope(), caller(1), org_.id).error().id, "AUTH-Bs7Ds");
    EXPECT_EQ(*permissions_.resolve_org_by_domain(scope(), caller(1), "a.localhost"), org_.key);
}

TEST_P(NounsTest, WhoMakesAnOrganizationOwnsIt) {
    const auto made = member::create_org_owned_by(store(), orgs_, members_, scope(), {}, {.name = "New"}, person(9));
    ASSERT_TRUE(made);
    EXPECT_EQ(members_.list(scope(), Place::organization(made->key), {}, {}, {})->rows.at(0).user, person(9));
}

TEST(RoleTable, IsTheReferencesAndOurs) {
    using member::ScopeKind;
    EXPECT_EQ(member::roles_of(ScopeKind::organization).front(), "ORG_OWNER");
    EXPECT_EQ(member::roles_of(ScopeKind::organization).size(), 10U);
    const auto* owner = member::find_role("IAM_OWNER");
    ASSERT_NE(owner, nullptr);
    EXPECT_TRUE(owner->permissions.test(*member::permission_bit("migration.read")));
    EXPECT_FALSE(member::find_role("IAM_OWNER_VIEWER")->permissions.test(*member::permission_bit("iam.write")));
    EXPECT_EQ(member::find_role("NOPE"), nullptr);
    EXPECT_FALSE(member::permission_bit("nope"));
    EXPECT_EQ(member::names_of(owner->permissions).size(), owner->permissions.count());
}

TEST(Compliance, TellsWhatTheReferenceTells) {
    struct Row {
        const char* name;
        application::AppType type;
        OidcAuthMethod method;
        std::vector<GrantType> grants;
        std::vector<std::string> uris;
        std::vector<std::string> problems;  // without the prefix
    };
    using application::AppType;
    const Row rows[] = {
        {"web", AppType::web, OidcAuthMethod::basic, {GrantType::authorization_code}, {"https://a.example.com/cb"}, {}},
        {"web over http", AppType::web, OidcAuthMethod::basic, {GrantType::authorization_code}, {"http://a.example.com/cb"}, {}},
        {"native",
         AppType::native,
         OidcAuthMethod::none,
         {GrantType::authorization_code},
         {"com.example:/cb", "http://localhost:1/cb"},
         {}},
        {"spa with a secret",
         AppType::user_agent,
         OidcAuthMethod::basic,
         {GrantType::authorization_code},
         {"https://a.example.com/cb"},
         {"NotCompliant", "NotCompliant", "UserAgent.AuthMethodType.NotNone"}},
        {"no redirect URI", AppType::web, OidcAuthMethod::basic, {GrantType::authorization_code}, {}, {"NotCompliant", "NoRedirectUris"}},
        {"implicit", AppType::web, OidcAuthMethod::basic, {GrantType::implicit}, {"https://a.example.com/cb"}, {}},
        {"implicit over http",
         AppType::web,
         OidcAuthMethod::basic,
         {GrantType::implicit},
         {"http://a.example.com/cb"},
         {"NotCompliant", "Implicit.RedirectUris.HttpNotAllowed"}},
        {"device only", AppType::web, OidcAuthMethod::basic, {GrantType::device_code}, {}, {}},
    };
    for (const auto& row : rows) {
        application::OidcConfig config;
        config.app_type = row.type;
        config.auth_method = row.method;
        config.grant_types = row.grants;
        config.redirect_uris = row.uris;
        std::vector<std::string> expected;
        for (const auto& problem : row.problems) expected.push_back("Application.OIDC.V1." + problem);
        EXPECT_EQ(application::compliance_problems(config), expected) << row.name;
        for (const auto& problem : expected) EXPECT_NE(application::compliance_text(problem), problem);
    }
}

TEST(OidcConfig, NeedsTheGrantOfEachResponseType) {
    application::OidcConfig config;
    EXPECT_TRUE(application::check(config)) << "nothing said means code and its grant";
    config.grant_types = {GrantType::implicit};
    EXPECT_EQ(application::check(config).error().id, "PROJECT-1n8df");
    config.response_types = {ResponseType::id_token_token};
    EXPECT_TRUE(application::check(config));
    config.clock_skew = std::chrono::seconds(6);
    EXPECT_FALSE(application::check(config));
    config.clock_skew = {};
    config.additional_origins = {"https://spa.example.com"};
    config.redirect_uris = {"https://a.example.com:8443/cb?x=1", "com.example:/cb", "https://a.example.com:8443/two"};
    EXPECT_TRUE(application::check(config));
    EXPECT_EQ(application::allowed_origins(config), (std::vector<std::string>{"https://a.example.com:8443", "https://spa.example.com"}));
    config.additional_origins = {"https://spa.example.com/path"};
    EXPECT_FALSE(application::check(config));
}

}  // namespace
}  // namespace godwit
