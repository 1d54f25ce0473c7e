// Several accounts in one browser: who answers an application, who is asked, and what is asked of them.
#include <gmock/gmock.h>

#include "base/text.h"
#include "login/login_test_fixture.h"

namespace godwit::login {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kPassword = "Secret-Passw0rd!";
const std::string kPicker = "<h1>Choose an account</h1>", kNameField = "id=\"loginName\"", kPasswordField = "id=\"password\"";

class AccountsTest : public LoginTest {
protected:
    void SetUp() override {
        LoginTest::SetUp();
        ann_ = with_password(ann.id);
        bob_ = with_password(make_human("bob").id);
        clock().advance(std::chrono::seconds(1));  // whatever began with a password's change ended by it
    }
    user::User with_password(UserId id) {
        const auto ref = user::Ref::of(home, id);
        const auto prepared = check_.prepare(*org, kPassword, false);
        EXPECT_TRUE(prepared && passwords_.set(ref, *prepared, {}));
        return *users.get(ref);
    }

    /// A browser: keeps cookies, and reads the hidden fields of the page it shows.
    class Visitor {
    public:
        explicit Visitor(AccountsTest& test) : test_(test) {}
        const http::Response& go(const std::string& address) { return keep(test_.send("GET", address, {}, cookies())); }
        const http::Response& post(const std::string& path, const Form& typed) {
            Form sent = fields;
            for (const auto& [name, value] : typed) sent[name] = value;
            std::string body;
            for (const auto& [name, value] : sent)
                if (name != "cookie") body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
            return keep(test_.send("POST", path, body, cookies()));
        }
        /// Types name and password, from whichever page asks for the name.
        const http::Response& sign_in(std::string_view name) {
            post("/login", {{"loginName", std::string(name)}});
            return post("/password", {{"loginName", std::string(name)}, {"password", std::string(kPassword)}});
        }
        std::string body() const { return oidc::body_of(page); }
        std::string cookies() const {
            std::string line;
            for (const auto& [name, value] : jar) line += (line.empty() ? "" : "; ") + name + "=" + value;
            return line;
        }

        std::map<std::string, std::string> jar;
        http::Response page;
        Form fields;  ///< hidden ones of the page

    private:
        const http::Response& keep(http::Response response) {
            for (const auto& [name, value] : response.headers) {
                if (name != "set-cookie") continue;
                const auto pair = split_once(std::string_view(value).substr(0, value.find(';')), '=');
                if (pair) jar[std::string(pair->first)] = pair->second;
            }
            page = std::move(response);
            fields = form_of(page);
            return page;
        }
        AccountsTest& test_;
    };

    std::string begin(oidc::Form more = {}) {
        if (!find_parameter(more, "scope")) more.emplace_back("scope", "openid email");
        const std::string location = authorize(web, std::move(more));
        EXPECT_THAT(location, StartsWith("/ui/v2/login/login?authRequest="));
        return location.substr(std::string_view("/ui/v2/login").size());
    }
    /// What the page that is shown next asks; "" where it is the application's.
    std::string asks(Visitor& visitor, oidc::Form more = {}) {
        visitor.go(begin(std::move(more)));
        if (visitor.page.status == 303) {
            EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith(oidc::kCallback + "?code="));
            return "nothing";
        }
        const std::string body = visitor.body();
        return body.find(kPicker) != body.npos ? "which" : body.find(kPasswordField) != body.npos ? "password" : "name";
    }
    void both(Visitor& visitor) {
        for (const char* name : {"ann", "bob"}) {
            visitor.go(begin({}) + "&other=1");
            ASSERT_EQ(visitor.sign_in(name).status, 303) << visitor.body();
        }
    }
    session::Session session_of(UserId user) {
        const auto listed = sessions.list(home, {}, std::nullopt, UserId{}, {});
        for (const auto& shown : listed->rows)
            if (shown.session.user == user) return shown.session;
        ADD_FAILURE() << "no such session";
        return {};
    }
    void policy(const std::function<void(settings::v1::LoginPolicy&)>& change) {
        settings::v1::LoginPolicy policy;
        change(policy);
        ASSERT_TRUE(settings.set(OrgScope(home, OrgId()), {}, policy));
    }

    user::User ann_, bob_;
};
GODWIT_ON_BOTH_ENGINES(AccountsTest);

TEST_P(AccountsTest, OneAccountAnswersAndSeveralAreChosenFrom) {
    Visitor visitor(*this);
    EXPECT_EQ(asks(visitor), "name");
    visitor.sign_in("ann");
    EXPECT_EQ(asks(visitor), "nothing");
    both(visitor);
    EXPECT_EQ(asks(visitor), "which");
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr(ann_.preferred_login_name), HasSubstr(bob_.preferred_login_name), HasSubstr("signed in")));
    visitor.post("/accounts", {{"account", bob_.public_id}});
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith(oidc::kCallback + "?code="));
    EXPECT_EQ(asks(visitor, {{"login_hint", "BOB@example.com"}}), "nothing") << "the hint chooses";
    EXPECT_EQ(asks(visitor, {{"login_hint", "carol"}}), "name") << "somebody else";
    EXPECT_THAT(visitor.body(), HasSubstr("value=\"carol\""));
}

TEST_P(AccountsTest, PromptsAreObeyed) {
    Visitor visitor(*this);
    EXPECT_EQ(asks(visitor, {{"prompt", "select_account"}}), "name") << "nobody to select";
    visitor.sign_in("ann");
    EXPECT_EQ(asks(visitor, {{"prompt", "select_account"}}), "which") << "even of one";
    EXPECT_EQ(asks(visitor, {{"prompt", "login"}}), "name");
    EXPECT_THAT(visitor.body(), HasSubstr("value=\"" + ann_.preferred_login_name)) << "the name is remembered";
    clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(asks(visitor, {{"max_age", "30"}}), "password");
    visitor.post("/password", {{"password", std::string(kPassword)}});
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith(oidc::kCallback + "?code="));
    EXPECT_EQ(asks(visitor, {{"max_age", "30"}}), "nothing");
}

TEST_P(AccountsTest, ChecksGrowOldByPolicy) {
    Visitor visitor(*this);
    visitor.go(begin({}));
    visitor.sign_in("ann");
    policy([](auto& policy) { policy.set_password_check_lifetime(3600); });
    EXPECT_EQ(asks(visitor), "nothing");
    clock().advance(std::chrono::minutes(61));
    EXPECT_EQ(asks(visitor), "password");
    policy([](auto& policy) { policy.set_force_mfa(true); });
    EXPECT_EQ(asks(visitor), "name") << "a page that says what is missing";
    EXPECT_EQ(visitor.page.status, 403);
    policy([](auto&) {});
    EXPECT_EQ(asks(visitor), "nothing") << "0 is no limit";
}

TEST_P(AccountsTest, LeavingOneAccountLeavesTheOther) {
    Visitor visitor(*this);
    both(visitor);
    EXPECT_EQ(asks(visitor, {{"prompt", "select_account"}}), "which");
    visitor.post("/accounts", {{"account", ann_.public_id}, {"do", "sign_out"}});
    EXPECT_TRUE(session_of(bob_.id).user) << "bob's stays";
    EXPECT_EQ(asks(visitor), "nothing") << "only bob is left";
    EXPECT_EQ(asks(visitor, {{"prompt", "select_account"}}), "which");
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr("signed out"), HasSubstr(ann_.preferred_login_name)));
    visitor.post("/accounts", {{"account", ann_.public_id}});
    EXPECT_THAT(visitor.body(), HasSubstr(kPasswordField)) << "who was signed out proves it again";
    asks(visitor, {{"prompt", "select_account"}});
    visitor.post("/accounts", {{"account", ann_.public_id}, {"do", "forget"}});
    visitor.go(std::string(visitor.page.headers.get("location")).substr(std::string_view("/ui/v2/login").size()));
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr(bob_.preferred_login_name), Not(HasSubstr(ann_.preferred_login_name))));
}

TEST_P(AccountsTest, OtherOrganizationsPeopleAreNotShown) {
    const OrgScope other(home, orgs.create(home, {}, {.name = "Other", .id = {}})->key);
    Visitor visitor(*this);
    both(visitor);
    const std::string in_other = "urn:zitadel:iam:org:id:" + orgs.get(other)->id;
    EXPECT_EQ(asks(visitor, {{"scope", "openid " + in_other}}), "name");
    EXPECT_THAT(visitor.body(),
                AllOf(HasSubstr("Other"), Not(HasSubstr(ann_.preferred_login_name)), Not(HasSubstr(bob_.preferred_login_name))));
    visitor.post("/accounts", {{"account", ann_.public_id}});
    EXPECT_EQ(visitor.page.headers.get("location").find(oidc::kCallback), std::string_view::npos) << "nor may they be chosen";
}

TEST_P(AccountsTest, ConsentIsAskedForWhereTheApplicationAsks) {
    Visitor visitor(*this);
    visitor.go(begin({{"scope", "openid email custom<scope>"}, {"prompt", "consent"}}));
    visitor.sign_in("ann");
    EXPECT_EQ(visitor.page.status, 200);
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr("Do you agree?"), HasSubstr("web asks"), HasSubstr("your e-mail address"),
                                      HasSubstr("custom&lt;scope&gt;")));
    const Form asked = visitor.fields;
    visitor.post("/consent", {{"do", "allow"}, {"session", std::to_string(session_of(ann_.id).id.key + 1)}});
    EXPECT_EQ(visitor.page.status, 400) << "another session than the one that was shown";
    visitor.fields = asked;
    visitor.post("/consent", {{"do", "deny"}});
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), HasSubstr("error=access_denied"));
    visitor.fields = asked;
    EXPECT_EQ(visitor.post("/consent", {{"do", "allow"}}).status, 410) << "answered is answered";

    visitor.go(begin({{"prompt", "consent"}}));
    EXPECT_THAT(visitor.body(), HasSubstr("Do you agree?")) << "and anew each time, also of who is signed in";
    visitor.post("/consent", {{"do", "allow"}});
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith(oidc::kCallback + "?code="));
    visitor.go(begin({{"prompt", "consent"}}));
    clock().advance(std::chrono::minutes(11));
    EXPECT_EQ(visitor.post("/consent", {{"do", "allow"}}).status, 400) << "the question has grown old";
}

TEST_P(AccountsTest, AnAccountIsMadeWhereThePolicyAllowsIt) {
    const Form form{{"firstName", "Carla"},
                    {"lastName", "C"},
                    {"email", "carla@example.net"},
                    {"password", std::string(kPassword)},
                    {"passwordConfirmation", std::string(kPassword)}};
    const std::string in_acme = "openid urn:zitadel:iam:org:id:" + orgs.get(*org)->id;
    const auto ask = [&](Visitor& visitor) { visitor.go(begin({{"prompt", "create"}, {"scope", in_acme}})); };
    const auto with = [&](const char* field, const char* value) {
        Form other = form;
        other[field] = value;
        return other;
    };
    Visitor visitor(*this);
    policy([](auto& policy) { policy.set_allow_username_password(true); });
    ask(visitor);
    EXPECT_THAT(visitor.body(), HasSubstr(kNameField)) << "not allowed: sign in";
    EXPECT_EQ(visitor.post("/register", form).status, 403);

    policy([](auto& policy) { policy.set_allow_username_password(true), policy.set_allow_register(true); });
    ask(visitor);
    EXPECT_THAT(visitor.body(), HasSubstr("Create an account"));
    for (const auto& [field, value] : {std::pair("lastName", ""), std::pair("email", "no address"),
                                       std::pair("passwordConfirmation", "other"), std::pair("email", "ann")}) {
        ask(visitor);
        EXPECT_EQ(visitor.post("/register", with(field, value)).status, 400) << field;
        EXPECT_THAT(visitor.body(), HasSubstr("Create an account")) << field;
    }
    ask(visitor);
    visitor.post("/register", form);
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith(oidc::kCallback + "?code=")) << visitor.body();
    const auto made = users.find_by_login_name(home, "carla@example.net");
    ASSERT_TRUE(made && *made);
    EXPECT_EQ((*made)->org, org->org());
    EXPECT_FALSE((*made)->human()->email.verified());
    Visitor another(*this);
    ask(another);
    EXPECT_EQ(another.post("/register", form).status, 400) << "taken";
}

TEST_P(AccountsTest, WhoSignsInLeavesThePlantedCookieBehind) {
    Visitor attacker(*this), victim(*this);
    attacker.go(begin({}));
    attacker.sign_in("bob");
    const std::string planted = attacker.jar.at("godwit-agent");
    victim.jar["godwit-agent"] = planted;
    victim.go(begin({}) + "&other=1");
    victim.sign_in("ann");
    EXPECT_NE(victim.jar.at("godwit-agent"), planted);
    EXPECT_EQ(asks(attacker), "name") << "the old value opens nothing";
    EXPECT_EQ(attacker.page.status, 200);
}

TEST_P(AccountsTest, NothingHappensWithoutTheFormsToken) {
    Visitor visitor(*this);
    both(visitor);
    for (const char* path : {"/accounts", "/consent", "/logout"}) {
        visitor.go(begin({}));
        for (const char* token : {"", "forged"}) {
            visitor.post(path, {{"csrf", token}, {"account", ann_.public_id}, {"do", "sign_out"}});
            EXPECT_EQ(visitor.page.status, 400) << path;
        }
    }
    // A token is of one browser: another's does nothing.
    Visitor stranger(*this);
    stranger.go("/login");
    const auto theirs = form_of(stranger.page).at("csrf");
    visitor.go("/accounts");
    EXPECT_EQ(visitor.post("/accounts", {{"csrf", theirs}, {"account", ann_.public_id}, {"do", "sign_out"}}).status, 400);
    EXPECT_TRUE(session_of(ann_.id).user && session_of(bob_.id).user);
}

TEST_P(AccountsTest, SigningOutAsksWhom) {
    Visitor visitor(*this);
    both(visitor);
    visitor.go("/logout");
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr("Several accounts"), HasSubstr("Sign out of all"), HasSubstr(ann_.preferred_login_name)));
    visitor.post("/logout", {{"account", ann_.public_id}});
    visitor.go(std::string(visitor.page.headers.get("location")).substr(std::string_view("/ui/v2/login").size()));
    EXPECT_THAT(visitor.body(), HasSubstr("still signed in"));
    visitor.go("/logout");
    EXPECT_THAT(visitor.body(), AllOf(HasSubstr(bob_.preferred_login_name + " will be signed out"), Not(HasSubstr("Several"))));
    visitor.post("/logout", {{"post_logout_redirect", "https://evil.example/"}, {"client_id", web.client_id}});
    EXPECT_THAT(std::string(visitor.page.headers.get("location")), StartsWith("/ui/v2/login/logout/done"))
        << "an address nobody registered";
    visitor.go("/logout/done");
    EXPECT_THAT(visitor.body(), Not(HasSubstr("still signed in")));
    EXPECT_EQ(asks(visitor), "name");
}

}  // namespace
}  // namespace godwit::login
