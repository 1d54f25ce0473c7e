// How far each user of a source has come, by runs of every kind, sign-ins and removals: the moves of user_state.cc as they happen.
#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

class StatesTest : public MigrationTest {
protected:
    static std::string secret() { return R"("userId":"u1","password":{"hash":")" + std::string(kBcrypt) + R"("})"; }
    static v1::JobOptions announcing() {
        v1::JobOptions out;
        out.set_announce(true);
        return out;
    }
    void sign_in(const std::string& id, bool factors = true) {
        const auto outcome = check_.verify(in_acme(id), "Password1!", editor_);
        ASSERT_TRUE(outcome);
        ASSERT_EQ(outcome->verdict, signin::Verdict::verified);
        check_.signed_in(scope(), outcome->user, factors);
        check_.flush();
    }
    std::string taken(std::vector<std::string> lines, v1::JobOptions options = {}) {
        return told(take(std::move(lines), std::move(options)).checkpoint.counters);
    }
};
GODWIT_ON_BOTH_ENGINES(StatesTest);

TEST_P(StatesTest, AnnouncedThenProfileThenSecretThenSignIn) {
    EXPECT_EQ(taken({person("s1", "ada")}, announcing()), "1 skipped");
    EXPECT_EQ(issue_of(1), "skipped record.announced");
    EXPECT_EQ(ref_of("s1"), "expected skipped nobody");
    EXPECT_EQ(users(), 0);

    EXPECT_EQ(taken({person("s1", "ada", R"("userId":"u1")")}), "1 created");
    EXPECT_EQ(ref_of("s1"), "no_secret created");
    EXPECT_EQ(taken({person("s1", "ada", R"("userId":"u1")")}), "1 skipped");
    EXPECT_EQ(ref_of("s1"), "no_secret created");
    EXPECT_EQ(taken({person("s1", "ada")}, announcing()), "1 skipped");
    EXPECT_EQ(ref_of("s1"), "no_secret created") << "who is here is not announced any more";

    EXPECT_EQ(taken({person("s1", "ada", secret())}, options(v1::ON_CONFLICT_MERGE)), "1 updated");
    EXPECT_EQ(ref_of("s1"), "arrived created");
    sign_in("u1");
    EXPECT_EQ(ref_of("s1"), "signed_in created");
    EXPECT_EQ(taken({person("s1", "ada", R"("metadata":{"tier":"gold"})")}, options(v1::ON_CONFLICT_MERGE)), "1 updated");
    EXPECT_EQ(ref_of("s1"), "signed_in created") << "a record sent again lowers nothing";
    EXPECT_EQ(users(), 1) << "never a second user";

    ASSERT_TRUE(users_.remove(in_acme("u1"), editor_));
    EXPECT_EQ(ref_of("s1"), "removed created");
    for (const auto& again : {announcing(), v1::JobOptions(), options(v1::ON_CONFLICT_MERGE), options(v1::ON_CONFLICT_UPDATE)}) {
        EXPECT_EQ(taken({person("s1", "ada", secret())}, again), "1 skipped");
        EXPECT_EQ(issue_of(1), "skipped match.removed");
    }
    EXPECT_EQ(ref_of("s1"), "removed created");
}

TEST_P(StatesTest, WhateverComesFirstEachIdIsOneUser) {
    // A: announced, P: a profile, S: a profile with a secret. All orders end the same.
    int n = 0;
    for (const std::string_view order : {"APS", "ASP", "PAS", "PSA", "SAP", "SPA"}) {
        const std::string id = "id" + std::to_string(++n), name = "name" + std::to_string(n);
        for (const char step : order) {
            const std::string more = R"("userId":"u)" + std::to_string(n) + "\"" +
                                     (step == 'S' ? R"(,"password":{"hash":")" + std::string(kBcrypt) + R"("})" : "");
            v1::JobOptions how = options(v1::ON_CONFLICT_MERGE);
            how.set_announce(step == 'A');
            const auto end = take({person(id, name, more)}, how);
            EXPECT_EQ(end.checkpoint.counters.failed(), 0u) << order << " at " << step;
        }
        EXPECT_TRUE(ref_of(id).starts_with("arrived ")) << order << ": " << ref_of(id);
        EXPECT_EQ(users(), n) << order;
        sign_in("u" + std::to_string(n));
        EXPECT_TRUE(ref_of(id).starts_with("signed_in ")) << order;
    }
}

TEST_P(StatesTest, WhatFailedOrWasPassedOverMayStillCome) {
    EXPECT_EQ(taken({person("s1", "ada")}, announcing()), "1 skipped");
    EXPECT_EQ(taken({person("s1", "ada", R"("organization":{"name":"nowhere"})")}), "1 failed");
    EXPECT_EQ(ref_of("s1"), "failed failed nobody");
    EXPECT_EQ(taken({person("s1", "ada")}), "1 created");
    EXPECT_EQ(ref_of("s1"), "no_secret created");

    add(human("bob", "b1"));
    EXPECT_EQ(taken({person("s2", "bob")}), "1 skipped");
    EXPECT_EQ(ref_of("s2"), "skipped skipped nobody");
    EXPECT_EQ(taken({person("s2", "bob")}, announcing()), "1 skipped");
    EXPECT_EQ(issue_of(1), "skipped match.login_name") << "who would be in the way is named when it is announced";
    ASSERT_TRUE(users_.remove(in_acme("b1"), editor_));
    EXPECT_EQ(taken({person("s2", "bob", R"("password":{"hash":")" + std::string(kBcrypt) + R"("})")}), "1 created");
    EXPECT_EQ(ref_of("s2"), "arrived created");
}

TEST_P(StatesTest, APasswordAloneIsNoSignInForWhoHasASecondFactor) {
    take({person("s1", "ada", secret() + R"(,"totp":[{"key":"JBSWY3DPEHPK3PXP"}])")});
    sign_in("u1", /*factors=*/false);
    EXPECT_EQ(ref_of("s1"), "arrived created");
    sign_in("u1", /*factors=*/true);
    EXPECT_EQ(ref_of("s1"), "signed_in created");
    take({person("s2", "bob", R"("userId":"u2","password":{"hash":")" + std::string(kBcrypt) + R"("})")});
    sign_in("u2", /*factors=*/false);
    EXPECT_EQ(ref_of("s2"), "signed_in created");
}

TEST_P(StatesTest, ARehearsalAnnouncesNobody) {
    v1::JobOptions dry = announcing();
    dry.set_dry_run(true);
    EXPECT_EQ(taken({person("s1", "ada")}, dry), "1 skipped");
    EXPECT_EQ(issue_of(1), "skipped record.announced");
    EXPECT_EQ(ref_of("s1"), "-");
}

TEST_P(StatesTest, TheJobTellsHowManyAreInEachState) {
    take({person("s1", "ada"), person("s2", "bob")}, announcing());
    take({person("s2", "bob", R"("password":{"hash":")" + std::string(kBcrypt) + R"("})"), person("s3", "cy"), R"({"sourceId":"s4"})"});
    auto row = last_job_;
    ASSERT_TRUE(jobs_.count_user_states(scope(), row));
    const std::map<std::string, std::uint64_t> states(row.job.user_states().begin(), row.job.user_states().end());
    EXPECT_EQ(states, (std::map<std::string, std::uint64_t>{{"expected", 1}, {"arrived", 1}, {"no_secret", 1}, {"failed", 1}}));
}

TEST_P(StatesTest, APartThatWasLostComesWhenTheSameRecordIsSentAgain) {
    const std::string linked = person("s1", "ada", R"("userId":"u1","idpLinks":[{"idp":"google","externalId":"1100"}])");
    EXPECT_EQ(taken({linked}), "1 partial");
    EXPECT_EQ(taken({linked}), "1 skipped");
    ASSERT_TRUE(idps_.create(acme(), editor_, {.name = "google", .type = idp::Type::google, .config = {}, .secret = {}}));
    EXPECT_EQ(taken({linked}, options(v1::ON_CONFLICT_MERGE)), "1 updated");
    EXPECT_EQ(count("SELECT count(*) FROM idp_links WHERE instance_no = ?1 AND external_id = ?2", {"1100"}), 1);
    EXPECT_EQ(taken({linked}, options(v1::ON_CONFLICT_MERGE)), "1 skipped") << "it is whole now";
}

}  // namespace
}  // namespace godwit::migration
