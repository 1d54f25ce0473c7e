#include <gmock/gmock.h>

#include "login/login_test_fixture.h"

namespace godwit::login {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LoginNameTest : public LoginTest {
protected:
    /// Two users claim "bob@acme.localhost": one by the whole name, one by name and domain.
    void two_bobs() {
        const auto whole = make_human("whole").id, in_org = make_human("bob").id;
        ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
            TRY(db.exec(home, "UPDATE users SET name_key = 'bob@acme.localhost' WHERE instance_no = ?1 AND id = ?2", {whole}));
            TRY(db.exec(home, "UPDATE users SET login_scope = ?3 WHERE instance_no = ?1 AND id = ?2", {in_org, org->org()}));
            return {};
        }));
        ASSERT_EQ(users.find_by_login_name(home, kBob).error().id, "USER-Ambig");
    }
    void hide_users() {
        settings::v1::LoginPolicy policy;
        policy.set_ignore_unknown_usernames(true);
        ASSERT_TRUE(settings.set(OrgScope(home, OrgId()), {}, policy));
    }

    static constexpr std::string_view kBob = "bob@acme.localhost", kPasswordField = "name=\"password\"";
};
GODWIT_ON_BOTH_ENGINES(LoginNameTest);

TEST_P(LoginNameTest, SaysWhatIsWrongWithAName) {
    two_bobs();
    EXPECT_EQ(give("ann").status, 200);
    EXPECT_THAT(oidc::body_of(give("ann")), HasSubstr(kPasswordField));
    for (const std::string_view name : {std::string_view("nobody"), kBob}) {
        const auto answer = give(name);
        EXPECT_EQ(answer.status, 400) << name;
        EXPECT_THAT(oidc::body_of(answer), Not(HasSubstr(kPasswordField))) << name;
    }
}

TEST_P(LoginNameTest, WhereUsersAreHiddenEveryNameLeadsToThePassword) {
    two_bobs();
    hide_users();
    for (const std::string_view name : {std::string_view("ann"), std::string_view("nobody"), kBob}) {
        const auto answer = give(name);
        EXPECT_EQ(answer.status, 200) << name;
        EXPECT_THAT(oidc::body_of(answer), HasSubstr(kPasswordField)) << name;
    }
}

TEST_P(LoginNameTest, ThePasswordIsAskedForInTheWordsOfThePersonsOrganization) {
    ASSERT_TRUE(texts_.set(OrgScope(home, org->org()), {}, text::Kind::login, "en", {{"password_text.title", "Acme <b>asks</b>"}}));
    ASSERT_TRUE(texts_.set(OrgScope(home, OrgId()), {}, text::Kind::login, "en", {{"login_text.title", "All are welcome"}}));
    settings::v1::PrivacyPolicy privacy;
    privacy.set_tos_link("https://acme.example/{{.Lang}}/terms");
    privacy.set_privacy_link("javascript:alert(1)");
    privacy.set_support_email("help@acme.example");
    ASSERT_TRUE(settings.set(*org, {}, privacy));

    const std::string first = oidc::body_of(send("GET"));
    EXPECT_THAT(first, HasSubstr("<h1>All are welcome</h1>"));
    EXPECT_THAT(first, Not(HasSubstr("acme.example")));
    const auto answer = give("ann");
    const std::string& html = oidc::body_of(answer);
    EXPECT_THAT(html, HasSubstr("<h1>Acme &lt;b&gt;asks&lt;/b&gt;</h1>"));
    EXPECT_THAT(html, HasSubstr("href=\"https://acme.example/en/terms\""));
    EXPECT_THAT(html, HasSubstr("href=\"mailto:help@acme.example\""));
    EXPECT_THAT(html, Not(HasSubstr("javascript:")));

    hide_users();
    for (const std::string_view name : {"ann", "nobody"})
        EXPECT_THAT(oidc::body_of(give(name)), Not(HasSubstr("Acme"))) << "the looks say whose name this is";
}

TEST_P(LoginNameTest, WhoMayNotUseTheApplicationMayComeAsSomebodyElse) {
    ASSERT_TRUE(projects.update(*org, {}, project, "P", {.role_check = true}));
    const auto agent = sessions.create_agent(home);
    ASSERT_TRUE(agent);
    session::Update signed_in;
    signed_in.user = ann.id;
    signed_in.org = org->org();
    signed_in.password = true;
    ASSERT_TRUE(sessions.create(home, signed_in, std::nullopt, agent->id, {}));
    http::Request request;
    request.method = "GET";
    request.path = "/ui/v2/login/login";
    request.query = "authRequest=" + oidc::parameter(authorize(web), "authRequest");
    request.host = "localhost";
    request.headers.set("cookie", "godwit-agent=" + std::string(agent->cookie.reveal()));
    const auto page = pages_.route(request)->handle(request);
    EXPECT_EQ(page.status, 400);
    EXPECT_THAT(oidc::body_of(page), HasSubstr("may not use the application"));
    EXPECT_THAT(oidc::body_of(page), HasSubstr("name=\"loginName\""));
    ASSERT_TRUE(projects.update(*org, {}, project, "P", {}));
    EXPECT_TRUE(pages_.route(request)->handle(request).headers.get("location").starts_with(oidc::kCallback)) << "the session stands";
}

}  // namespace
}  // namespace godwit::login
