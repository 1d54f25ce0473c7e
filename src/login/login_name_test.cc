#include <gmock/gmock.h>

#include "credentials/password/hasher.h"
#include "credentials/password/verifier.h"
#include "directory/text/texts.h"
#include "directory/user/links.h"
#include "directory/user/passwords.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/pages.h"
#include "oidc/provider_test_fixture.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LoginNameTest : public oidc::ProviderTest {
protected:
    http::Response send(std::string method, std::string body = {}, std::string_view cookie = {}) {
        http::Request request;
        request.method = std::move(method);
        request.path = "/ui/v2/login/login";
        request.host = "localhost";
        request.body = std::move(body);
        if (!cookie.empty()) request.headers.set("cookie", std::string(cookie));
        return pages_.route(request)->handle(request);
    }
    /// The first screen, and the name given to it.
    http::Response give(std::string_view name) {
        const auto first = send("GET");
        const std::string_view cookie = first.headers.get("set-cookie");
        const std::string& html = oidc::body_of(first);
        constexpr std::string_view kField = "name=\"csrf\" value=\"";
        const auto begin = html.find(kField) + kField.size();
        const auto csrf = html.substr(begin, html.find('"', begin) - begin);
        return send("POST", "csrf=" + percent_encode(csrf) + "&loginName=" + percent_encode(name), cookie.substr(0, cookie.find(';')));
    }
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
    text::Texts texts_{store()};
    user::Passwords passwords_{store()};
    user::Links links_{store()};
    password::HashMemory memory_;
    password::Verifier verifier_ = *password::Verifier::make({}, memory_);
    password::Hasher hasher_ = *password::Hasher::make({}, memory_, verifier_);
    signin::PasswordCheck check_{
        {.store = store(), .settings = settings, .sealers = sealers, .users = users, .verifier = verifier_, .hasher = hasher_}};
    Pages pages_{{.clock = clock(),
                  .instances = instances,
                  .settings = settings,
                  .texts = texts_,
                  .orgs = orgs,
                  .apps = apps,
                  .users = users,
                  .passwords = passwords_,
                  .links = links_,
                  .sessions = sessions,
                  .password_check = check_,
                  .sealers = sealers,
                  .auth_requests = provider.auth_requests(),
                  .clients = provider.clients()}};
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

}  // namespace
}  // namespace godwit::login
