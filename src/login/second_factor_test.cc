#include <gmock/gmock.h>

#include "credentials/totp/totp.h"
#include "login/login_test_fixture.h"

namespace godwit::login {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kCodeField = "name=\"code\"", kNoWay = "cannot be checked here";

class SecondFactorTest : public LoginTest {
protected:
    /// Somebody who has these factors beside a password.
    UserId make(const std::string& name, const std::function<void(user::NewHuman&)>& with) {
        user::NewHuman human;
        human.profile.first_name = "Ann";
        human.profile.last_name = "Lee";
        human.email = name + "@example.com";
        human.phone = "+41791234567";
        human.password = user::NewPassword{.encoded = *hasher_.hash("Password1!", std::chrono::steady_clock::now() + std::chrono::hours(1)),
                                           .scheme = "argon2",
                                           .change_required = false};
        with(human);
        user::NewUser wanted;
        wanted.name = name;
        wanted.as = human;
        const auto made = users.create(*org, wanted, {});
        EXPECT_TRUE(made) << made.error().message;
        return made->id;
    }
    /// What follows the right password; the form keeps the cookie.
    http::Response after_password(const std::string& name) {
        cookie_ = form_of(send("GET")).at("cookie");
        Form name_form = form_of(send("GET", "/login", {}, cookie_));
        name_form["cookie"] = cookie_;
        Form password_form = form_of(submit("/login", name_form, {{"loginName", name}}));
        password_form["cookie"] = cookie_;
        return submit("/password", password_form, {{"password", "Password1!"}});
    }
    http::Response give_code(const http::Response& page, const std::string& code) {
        Form form = form_of(page);
        form["cookie"] = cookie_;
        return submit("/totp", form, {{"code", code}});
    }
    std::string code(int steps = 0) { return totp::code_at(Secret(std::string(kKey)), {}, totp::step_at({}, clock().now()) + steps); }
    static void with_totp(user::NewHuman& human) { human.totp.push_back({.key = Secret(std::string(kKey)), .name = {}}); }
    static user::NewPasskey passkey(bool passwordless) {
        return {.credential_id = "c", .cose_key = "\xa1\x01", .rp_id = "localhost", .passwordless = passwordless};
    }

    static constexpr std::string_view kKey = "twenty bytes of a key";
    std::string cookie_;
};
GODWIT_ON_BOTH_ENGINES(SecondFactorTest);

TEST_P(SecondFactorTest, WhatNoScreenAsksForKeepsTheDoorShut) {
    const std::pair<const char*, std::function<void(user::NewHuman&)>> rows[] = {
        {"u2f", [](user::NewHuman& human) { human.passkeys = {passkey(false)}; }},
        {"passkey",
         [](user::NewHuman& human) {
             human.passkeys = {passkey(true)};
             human.passkeys[0].credential_id = "p";
         }},
        {"sms", [](user::NewHuman& human) { human.otp_sms = true; }},
        {"mail", [](user::NewHuman& human) { human.otp_email = true; }},
    };
    for (const auto& [name, with] : rows) {
        make(name, with);
        const auto answer = after_password(name);
        EXPECT_EQ(answer.status, 403) << name;
        EXPECT_THAT(oidc::body_of(answer), HasSubstr(kNoWay)) << name;
    }
    make("none", [](user::NewHuman&) {});
    EXPECT_EQ(after_password("none").status, 303);
    settings::v1::LoginPolicy policy;
    policy.set_force_mfa(true);
    ASSERT_TRUE(settings.set(*org, {}, policy));
    EXPECT_THAT(oidc::body_of(after_password("none")), HasSubstr(kNoWay));
}

TEST_P(SecondFactorTest, WhoHasATotpIsAskedForItWhateverElseTheyHave) {
    make("ada", [](user::NewHuman& human) {
        with_totp(human);
        human.passkeys = {passkey(false)};
        human.otp_sms = true;
    });
    const auto page = after_password("ada");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(oidc::body_of(page), HasSubstr(kCodeField));
    const auto wrong = give_code(page, code(5));
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(oidc::body_of(wrong), HasSubstr(kCodeField));
    const auto done = give_code(wrong, code());
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.headers.get("location"), "/ui/v2/login/signed-in");
    EXPECT_EQ(give_code(wrong, code()).status, 400) << "the code was used";
}

TEST_P(SecondFactorTest, TheProofOfThePasswordIsBoundAndEnds) {
    make("ada", with_totp);
    const auto page = after_password("ada");
    Form form = form_of(page);
    form["cookie"] = cookie_;
    const std::string right = code();
    for (const auto& [field, value] :
         Form{{"user", "104133391271651848"}, {"expires", "2099-01-01T00:00:00Z"}, {"proved", "pwd otp"}, {"proof", "x"}}) {
        Form forged = form;
        forged[field] = value;
        EXPECT_EQ(submit("/totp", forged, {{"code", right}}).status, 400) << field;
    }
    clock().advance(std::chrono::minutes(11));
    const auto late = submit("/totp", form, {{"code", code()}});
    EXPECT_EQ(late.status, 400);
    EXPECT_THAT(oidc::body_of(late), Not(HasSubstr(kCodeField)));
}

TEST_P(SecondFactorTest, WrongCodesLockByPolicy) {
    settings::v1::LockoutPolicy policy;
    policy.set_max_otp_attempts(2);
    ASSERT_TRUE(settings.set(*org, {}, policy));
    const UserId id = make("eve", with_totp);
    const auto page = after_password("eve");
    EXPECT_EQ(give_code(page, code(5)).status, 400);
    EXPECT_EQ(give_code(page, code(5)).status, 400);
    EXPECT_EQ(users.get(user::Ref::of(home, id))->state, user::State::locked);
    EXPECT_EQ(give_code(page, code()).status, 400) << "the proof of a locked user is worth nothing";
}

}  // namespace
}  // namespace godwit::login
