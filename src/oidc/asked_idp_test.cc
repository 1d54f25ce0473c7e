#include "oidc/asked_idp.h"

#include <gmock/gmock.h>

#include "directory/idp/idps.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/oauth_error.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

class AskedIdpTest : public ProviderTest {
protected:
    idp::Idp make(const OrgScope& owner, const std::string& name) {
        const auto made = idps_.create(owner, {}, {.name = name, .config = "", .secret = {}});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    void offer(const std::vector<idp::Idp>& offered, bool allowed = true) {
        settings::v1::LoginPolicy policy = settings.get<settings::v1::LoginPolicy>(*org)->value;
        policy.set_allow_external_idp(allowed);
        policy.clear_idps();
        for (const auto& one : offered) policy.add_idps(one.key.key);
        ASSERT_TRUE(settings.set(*org, {}, policy));
    }
    /// What an authorization request is told whose scopes name the provider and, as `org_id` says, an organization; "" for nothing.
    std::string ask(const std::string& id, const std::string& org_id) {
        std::string scopes = "openid";
        if (!id.empty()) scopes += " urn:zitadel:iam:org:idp:id:" + id;
        if (!org_id.empty()) scopes += " urn:zitadel:iam:org:id:" + org_id;
        const auto checked = check_asked_idp(services({}), home, parse_scopes(scopes));
        return checked ? "" : checked.error().id + ": " + checked.error().message;
    }

    idp::Idps idps_{store(), sealers};
};
GODWIT_ON_BOTH_ENGINES(AskedIdpTest);

TEST_P(AskedIdpTest, IsOneThatThePeopleOfTheOrganizationMayUse) {
    const auto acme = orgs.get(*org)->id;
    const auto other = orgs.create(home, {}, {.name = "Other", .id = {}});
    const auto own = make(*org, "own"), shared = make(OrgScope(home, OrgId{}), "shared"),
               foreign = make(OrgScope(home, other->key), "foreign");
    EXPECT_EQ(ask("", acme), "");
    EXPECT_THAT(ask(own.id, acme), ::testing::HasSubstr("invalid_scope: the login policy does not offer"));
    offer({own, shared});
    EXPECT_EQ(ask(own.id, acme), "");
    EXPECT_EQ(ask(shared.id, acme), "");
    EXPECT_THAT(ask(foreign.id, acme), ::testing::HasSubstr("none of the organization's"));
    EXPECT_THAT(ask("nope", acme), ::testing::HasSubstr("none of the organization's"));
    EXPECT_THAT(ask(own.id, ""), ::testing::HasSubstr("none of the organization's")) << "it is not the default organization's";
    EXPECT_THAT(ask(own.id + " urn:zitadel:iam:org:idp:id:" + shared.id, acme), ::testing::HasSubstr("more than one"));
    offer({own, shared}, false);
    EXPECT_THAT(ask(own.id, acme), ::testing::HasSubstr("does not offer"));
}

TEST_P(AskedIdpTest, IsNotWhatOurOwnPagesCanSignInBy) {
    const auto acme = orgs.get(*org)->id;
    const auto own = make(*org, "own");
    offer({own});
    const auto scope = "openid urn:zitadel:iam:org:id:" + acme + " urn:zitadel:iam:org:idp:id:" + own.id;
    const auto error = [&](Form more, const std::string& login_client = {}) {
        more.emplace_back("scope", scope);
        http::Request request;
        request.method = "GET";
        request.path = "/oauth/v2/authorize";
        request.query = build_query(asking(web, std::move(more)));
        if (!login_client.empty()) request.headers.set("x-zitadel-login-client", login_client);
        const auto location = std::string(send(std::move(request)).headers.get("location"));
        return location.starts_with(kCallback) ? parameter(location, "error") : "sign-in";
    };
    EXPECT_EQ(error({}), "invalid_scope");
    EXPECT_EQ(error({}, "login-client"), "sign-in") << "pages that somebody made answer for what they do";
    EXPECT_EQ(error({{"prompt", "none"}}, "login-client"), "login_required");
    browser.sessions = {*sessions.find_live(home, sign_in(ann.id)).value()};
    EXPECT_EQ(error({{"prompt", "none"}}), "login_required") << "a session that began with a password";
}

}  // namespace
}  // namespace godwit::oidc
