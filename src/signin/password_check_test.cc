#include "signin/password_check.h"

#include "credentials/password/hasher.h"
#include "credentials/password/verifier.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::signin {
namespace {

// Of "Password1!", made by the reference; the cost is that of the recordings.
constexpr std::string_view kBcrypt = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS";

class PasswordCheckTest : public user::UserStoreTest {
protected:
    Verdict verify(const user::Ref& who, std::string_view password) {
        const auto outcome = check_.verify(who, password, editor_);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome->verdict;
    }
    UserId imported(std::string name, std::string_view hash = kBcrypt) {
        const auto password = check_.take_over(hash, {}, false);
        EXPECT_TRUE(password && *password);
        user::NewUser wanted = human(std::move(name));
        std::get<user::NewHuman>(wanted.as).password = **password;
        return add(wanted);
    }
    void lock_after(std::uint64_t attempts) {
        settings::v1::LockoutPolicy policy;
        policy.set_max_password_attempts(attempts);
        ASSERT_TRUE(settings_.set(acme(), editor_, policy));
    }
    static std::string error_id(Verdict verdict) {
        Outcome outcome;
        outcome.verdict = verdict;
        return to_error(outcome).id;
    }
    static password::HasherConfig cheap() {
        password::HasherConfig config;
        config.argon2_memory_kib = 256;
        config.argon2_passes = 1;
        return config;
    }

    settings::Settings settings_{store()};
    password::HashMemory memory_;
    password::Verifier verifier_ = *password::Verifier::make({}, memory_);
    password::Hasher hasher_ = *password::Hasher::make(cheap(), memory_, verifier_);
    PasswordCheck check_{
        {.store = store(), .settings = settings_, .sealers = sealers_, .users = users_, .verifier = verifier_, .hasher = hasher_}};
};
GODWIT_ON_BOTH_ENGINES(PasswordCheckTest);

TEST_P(PasswordCheckTest, AnImportedHashBecomesOurOwnAtTheFirstSignIn) {
    const UserId id = imported("ada");
    EXPECT_EQ(check_.verify(ref(id), "wrong", editor_)->failed, 1u);
    EXPECT_EQ(check_.verify(ref(id), "wrong", editor_)->failed, 2u) << "counted also where nothing locks";
    check_.flush();
    EXPECT_EQ(passwords_.find(ref(id))->value().encoded, kBcrypt) << "a wrong password changes nothing";
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::verified);
    check_.flush();
    const auto stored = passwords_.find(ref(id))->value();
    EXPECT_TRUE(stored.encoded.starts_with("$argon2id$")) << stored.encoded;
    EXPECT_TRUE(stored.proved);
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::verified);
    EXPECT_EQ(check_.verify(ref(id), "password1!", editor_)->failed, 1u) << "begun anew";
    check_.flush();
    EXPECT_EQ(passwords_.find(ref(id))->value().encoded, stored.encoded) << "no second time";
}

TEST_P(PasswordCheckTest, WhoMayNotComeIn) {
    const UserId id = imported("bob"), initial = add(human("initial"));
    EXPECT_EQ(verify(in_acme("nobody"), "Password1!"), Verdict::wrong);
    EXPECT_EQ(verify(ref(initial), "Password1!"), Verdict::no_password);
    ASSERT_TRUE(users_.deactivate(ref(id), editor_));
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::not_active);
    ASSERT_TRUE(users_.reactivate(ref(id), editor_));
    ASSERT_TRUE(users_.lock(ref(id), editor_));
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::locked);
    EXPECT_EQ(error_id(Verdict::wrong), "COMMAND-3M0fs");
    EXPECT_EQ(error_id(Verdict::no_password), "COMMAND-3nJ4t");
    EXPECT_EQ(error_id(Verdict::not_active), "SESSION-Gj4ko");
}

TEST_P(PasswordCheckTest, NobodyOfAnInactiveOrganizationComesIn) {
    const UserId id = imported("erin"), initial = add(human("initial"));
    ASSERT_TRUE(orgs_.deactivate(acme(), editor_));
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::not_active);
    EXPECT_EQ(verify(ref(id), "wrong"), Verdict::not_active) << "whatever is typed";
    EXPECT_EQ(verify(ref(initial), "Password1!"), Verdict::not_active);
    ASSERT_TRUE(orgs_.reactivate(acme(), editor_));
    EXPECT_EQ(check_.verify(ref(id), "wrong", editor_)->failed, 1u) << "nothing was counted meanwhile";
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::verified);
    EXPECT_EQ(verify(ref(initial), "Password1!"), Verdict::no_password);
}

TEST_P(PasswordCheckTest, TooManyAttemptsLockAndAnUnlockBeginsAnew) {
    lock_after(3);
    const UserId id = imported("carol");
    EXPECT_EQ(verify(ref(id), "1"), Verdict::wrong);
    EXPECT_EQ(verify(ref(id), "2"), Verdict::wrong);
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::verified) << "in time";
    EXPECT_EQ(verify(ref(id), "1"), Verdict::wrong);
    EXPECT_EQ(verify(ref(id), "2"), Verdict::wrong);
    EXPECT_EQ(users_.get(ref(id))->state, user::State::active);
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(verify(ref(id), "3"), Verdict::wrong);
    EXPECT_EQ(users_.get(ref(id))->state, user::State::locked);
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::locked) << "also with the right one";
    ASSERT_TRUE(users_.unlock(ref(id), editor_));
    EXPECT_EQ(verify(ref(id), "Password1!"), Verdict::verified);
}

TEST_P(PasswordCheckTest, ParallelGuessesAreCountedBeforeTheyAreMade) {
    lock_after(4);
    const UserId id = imported("dave");
    std::atomic<int> verified = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 4; ++n) {
                const auto outcome = check_.verify(ref(id), "guess" + std::to_string(i * 4 + n), editor_);
                if (!outcome || outcome->verdict == Verdict::verified) ++verified;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(verified, 0);
    EXPECT_EQ(users_.get(ref(id))->state, user::State::locked);
}

TEST_P(PasswordCheckTest, NewPasswordsFollowThePolicy) {
    struct Row {
        std::string_view password, id;
    };
    for (const Row& row : {Row{"short", "DOMAIN-HuJf6"}, Row{"Passwordddd1", "DOMAIN-ZDLwA"}, Row{"password1!", "DOMAIN-VoaRj"},
                           Row{"PASSWORD1!", "DOMAIN-co3Xw"}, Row{"Password!!", "DOMAIN-ZBv4H"}, Row{"Password1!", ""}}) {
        const auto made = check_.prepare(acme(), row.password, false);
        EXPECT_EQ(made ? "" : made.error().id, row.id) << row.password;
    }
    EXPECT_EQ(check_.prepare(acme(), std::string(201, 'a') + "A1!", false).error().id, "USER-PwLen");
    EXPECT_EQ(check_.take_over("$foo$bar", {}, false).error().id, "USER-JDk4t");
    const UserId id = add(human("new"));
    ASSERT_TRUE(passwords_.set(ref(id), *check_.prepare(acme(), "Password1!", true), editor_));
    EXPECT_TRUE(*check_.is_current(ref(id), "Password1!"));
    EXPECT_FALSE(*check_.is_current(ref(id), "Password2!"));
    EXPECT_TRUE(check_.verify(ref(id), "Password1!", editor_)->change_required);
}

}  // namespace
}  // namespace godwit::signin
