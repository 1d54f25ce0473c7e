#include "signin/totp_check.h"

#include <atomic>
#include <thread>

#include "credentials/totp/totp.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::signin {
namespace {

using std::chrono::seconds;

class TotpCheckTest : public user::UserStoreTest {
protected:
    Verdict verify(UserId who, std::string_view code) {
        const auto outcome = check_.verify(ref(who), code, editor_);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome ? outcome->verdict : Verdict::wrong;
    }
    UserId with_totp(std::string name) {
        user::NewUser wanted = with_password(human(std::move(name)));
        std::get<user::NewHuman>(wanted.as).totp.push_back(key());
        return add(wanted);
    }
    static user::NewTotp key(std::string_view bytes = "12345678901234567890") { return {.key = Secret(std::string(bytes)), .name = {}}; }
    /// The code of the default key, so many steps from now.
    std::string code(int steps = 0, const totp::Parameters& parameters = {}, std::string_view bytes = "12345678901234567890") {
        return totp::code_at(Secret(std::string(bytes)), parameters, totp::step_at(parameters, clock().now()) + steps);
    }
    void lock_after(std::uint64_t attempts) {
        settings::v1::LockoutPolicy policy;
        policy.set_max_otp_attempts(attempts);
        ASSERT_TRUE(settings_.set(acme(), editor_, policy));
    }

    settings::Settings settings_{store()};
    TotpCheck check_{{.store = store(), .settings = settings_, .sealers = sealers_, .users = users_, .clock = clock()}};
};
GODWIT_ON_BOTH_ENGINES(TotpCheckTest);

TEST_P(TotpCheckTest, ACodeIsTakenOnceAndNeverAnOlderOne) {
    const UserId id = with_totp("ada");
    EXPECT_EQ(verify(id, code(2)), Verdict::wrong) << "beyond the window";
    EXPECT_EQ(verify(id, code(-2)), Verdict::wrong);
    EXPECT_EQ(verify(id, code(-1)), Verdict::verified) << "a clock that is behind";
    EXPECT_EQ(verify(id, code(-1)), Verdict::wrong) << "used";
    EXPECT_EQ(verify(id, code()), Verdict::verified);
    EXPECT_EQ(verify(id, code(-1)), Verdict::wrong) << "older than the last one used";
    EXPECT_EQ(verify(id, code(1)), Verdict::verified) << "a clock that is ahead";
    EXPECT_EQ(verify(id, code()), Verdict::wrong);
    EXPECT_EQ(verify(id, ""), Verdict::wrong);
}

TEST_P(TotpCheckTest, EachKeyHasItsOwnParametersAndSteps) {
    const totp::Parameters slow{.hash = crypto::Hash::sha512, .digits = 8, .period = seconds(60)};
    user::NewUser wanted = with_password(human("two"));
    auto& totp = std::get<user::NewHuman>(wanted.as).totp;
    totp.push_back(key());
    totp.push_back(key("another key of some bytes"));
    totp[1].algorithm = "SHA512";
    totp[1].digits = 8;
    totp[1].period = 60;
    const UserId id = add(wanted);
    EXPECT_EQ(verify(id, code()), Verdict::verified);
    EXPECT_EQ(verify(id, code(0, slow, "another key of some bytes")), Verdict::verified);
    EXPECT_EQ(verify(id, code(0, slow, "another key of some bytes")), Verdict::wrong);
}

TEST_P(TotpCheckTest, WhoMayNotComeIn) {
    const UserId id = with_totp("bob"), plain = add(with_password(human("plain")));
    EXPECT_EQ(verify(plain, code()), Verdict::no_password);
    ASSERT_TRUE(users_.deactivate(ref(id), editor_));
    EXPECT_EQ(verify(id, code()), Verdict::not_active);
    ASSERT_TRUE(users_.reactivate(ref(id), editor_));
    ASSERT_TRUE(users_.lock(ref(id), editor_));
    EXPECT_EQ(verify(id, code()), Verdict::locked);
    ASSERT_TRUE(users_.unlock(ref(id), editor_));
    EXPECT_EQ(verify(id, code()), Verdict::verified) << "what was refused unseen was not used";
    ASSERT_TRUE(links_.remove_totp(ref(id), editor_));
    EXPECT_EQ(verify(id, code(1)), Verdict::no_password);
}

TEST_P(TotpCheckTest, WrongCodesLockByPolicy) {
    lock_after(3);
    const UserId id = with_totp("eve");
    EXPECT_EQ(verify(id, code(7)), Verdict::wrong);
    EXPECT_EQ(verify(id, code(7)), Verdict::wrong);
    EXPECT_EQ(verify(id, code()), Verdict::verified);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(verify(id, code(7)), Verdict::wrong) << "counted anew after a right one";
    EXPECT_EQ(users_.get(ref(id))->state, user::State::locked);
    EXPECT_EQ(verify(id, code(1)), Verdict::locked);
    ASSERT_TRUE(users_.unlock(ref(id), editor_));
    EXPECT_EQ(verify(id, code(1)), Verdict::verified);
}

TEST_P(TotpCheckTest, WhereNothingLocksGuessingIsSlowAllTheSame) {
    const UserId id = with_totp("mallory");
    for (std::uint64_t i = 0; i < TotpCheck::kAttemptsAtOnce; ++i) EXPECT_EQ(verify(id, code(7)), Verdict::wrong);
    EXPECT_EQ(check_.verify(ref(id), code(), editor_).error().id, "USER-Otp08") << "not even the right one";
    EXPECT_EQ(users_.get(ref(id))->state, user::State::active);
    clock().advance(TotpCheck::kAttemptWindow + seconds(1));
    EXPECT_EQ(verify(id, code()), Verdict::verified);
}

TEST_P(TotpCheckTest, OfEightSignInsWithOneCodeOneSucceeds) {
    const UserId id = with_totp("race");
    const std::string typed = code();
    std::atomic<int> let_in = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto outcome = check_.verify(ref(id), typed, editor_);
            if (outcome && outcome->verdict == Verdict::verified) ++let_in;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(let_in, 1);
}

}  // namespace
}  // namespace godwit::signin
