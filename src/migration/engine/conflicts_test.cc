// What only one user can have: passkeys, ids of machines' keys, old subjects, links. Whoever brings it second costs no other record, and a
// rehearsal knows it before.
#include "migration/engine/run_test_fixture.h"
#include "store/initial_load.h"

namespace godwit::migration {
namespace {

constexpr std::string_view kSpki =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkKCLUEiwLrdvy+0p6L7LHl4k9udTIIqZYDjZdPPJfOc3dbIEyOqnzCioEqRTu0V+V9qCnB9QPHGA1jMBJ194yw==";

class ConflictsTest : public MigrationTest {
protected:
    static std::string machine(const std::string& id, const std::string& key_id, const std::string& more = {}) {
        const std::string keys = key_id.empty() ? "" : R"({"id":")" + key_id + R"(","publicKey":")" + std::string(kSpki) + R"("})";
        return R"({"sourceId":")" + id + R"(","userName":")" + id + R"(","type":"machine","machine":{"name":"M","keys":[)" + keys + "]}" +
               more + "}";
    }
    static std::string with_passkey(const std::string& id, const std::string& credential) {
        return person(id, id, R"("passkeys":[{"credentialId":")" + credential + R"(","publicKey":"oQECAw","rpId":"acme.example"}])");
    }
    static std::string with_totp(const std::string& id, const std::string& key, const std::string& tier) {
        return person(id, id, R"("totp":[{"key":")" + key + R"("}],"metadata":{"tier":")" + tier + R"("})");
    }
    std::vector<std::string> issues(std::size_t records) {
        std::vector<std::string> out;
        for (std::size_t i = 1; i <= records; ++i) out.push_back(issue_of(i) == "-" ? "created " : issue_of(i));
        return out;
    }
    /// What became of each record, once in a rehearsal and once in the run.
    std::pair<std::vector<std::string>, std::vector<std::string>> both(const std::vector<std::string>& lines, v1::JobOptions options = {}) {
        v1::JobOptions dry = options;
        dry.set_dry_run(true);
        take(lines, dry);
        auto predicted = issues(lines.size());
        take(lines, options);
        return {predicted, issues(lines.size())};
    }
    static std::vector<std::string> file() {
        return {machine("m1", "k1"),
                machine("m2", "K1"),
                with_passkey("p1", "Y3JlZA"),
                with_passkey("p2", "Y3JlZA"),
                person("a1", "a1", R"("subjectAliases":["old"])"),
                person("a2", "a2", R"("subjectAliases":["old"])"),
                person("last", "last")};
    }
    static std::vector<std::string> outcomes() {
        return {"created ", "failed user.taken", "created ", "failed user.taken", "created ", "partial alias.taken", "created "};
    }
};
GODWIT_ON_BOTH_ENGINES(ConflictsTest);

TEST_P(ConflictsTest, TheSecondOfAFileCostsNoOther) {
    const auto [predicted, real] = both(file());
    EXPECT_EQ(predicted, outcomes());
    EXPECT_EQ(real, outcomes());
}

TEST_P(ConflictsTest, TheSecondInTheStoreCostsNoOther) {
    const auto lines = file();
    for (std::size_t i = 0; i < lines.size(); i += 2) take({lines[i]});
    const auto [predicted, real] = both({lines[1], lines[3], lines[5], person("new", "new")});
    const std::vector<std::string> expected{"failed user.taken", "failed user.taken", "partial alias.taken", "created "};
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
}

TEST_P(ConflictsTest, ARecordThatSaysItTwiceIsRefusedAndDone) {
    std::string twice = machine("m1", "k1");
    const std::string key = twice.substr(twice.find(R"({"id")"), twice.find("]}") - twice.find(R"({"id")"));
    twice.insert(twice.find("]}"), "," + key);
    const auto [predicted, real] = both({twice, person("last", "last")});
    EXPECT_EQ(predicted, (std::vector<std::string>{"failed user.taken", "created "}));
    EXPECT_EQ(real, predicted);
    EXPECT_EQ(told(take({twice}, options(v1::ON_CONFLICT_MERGE)).checkpoint.counters), "1 failed") << "looking first";
}

TEST_P(ConflictsTest, AnInitialLoadKeepsThemUniqueToo) {
    take({machine("m0", "k0")});
    alone_ = true;
    auto lines = file();
    lines.push_back(machine("m3", "k0"));
    LinesSource source(lines);
    source.bytes = 100 << 20;
    last_job_ = job({}, "load");
    std::size_t built = 0;
    const RunEnd end = run(last_job_, source, {.on_index = [&](std::size_t n, std::size_t) { built = n; }});
    EXPECT_GT(built, 0u) << "it was one";
    EXPECT_FALSE(*store::in_initial_load(store()));
    auto expected = outcomes();
    expected.push_back("failed user.taken");
    EXPECT_EQ(issues(lines.size()), expected);
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE);
}

TEST_P(ConflictsTest, MergeSaysWhatItCouldNotAdd) {
    take({machine("m1", "k1"), machine("m2", ""), with_passkey("p1", "Y3JlZA"), person("p2", "p2"),
          with_totp("t1", "JBSWY3DPEHPK3PXP", "a"), with_totp("t2", "JBSWY3DPEHPK3PXP", "a"), person("o1", "o1"),
          person("a1", "a1", R"("subjectAliases":["old"])"), person("a2", "a2")});
    const std::vector<std::string> lines{machine("m2", "k1"),
                                         with_passkey("p2", "Y3JlZA"),
                                         with_totp("t1", "JBSWY3DPEHPK3PXP", "b"),
                                         with_totp("t2", "GEZDGNBVGY3TQOJQ", "b"),
                                         machine("o1", ""),
                                         person("a2", "a2", R"("subjectAliases":["old","other"])"),
                                         person("last", "last")};
    const std::vector<std::string> expected{"partial update.lost",     "partial update.lost", "updated ", "partial update.lost",
                                            "failed match.other_type", "partial alias.taken", "created "};
    const auto [predicted, real] = both(lines, options(v1::ON_CONFLICT_MERGE));
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
    EXPECT_EQ(count("SELECT count(*) FROM external_refs WHERE instance_no = ?1 AND source_no = 2"), 2) << "the other subject is theirs";
}

TEST_P(ConflictsTest, UpdateTakesWhatAMachineIsAndSaysThatNamesStay) {
    take({machine("m1", "k1"), person("s1", "ada")});
    auto update = options(v1::ON_CONFLICT_UPDATE);
    for (const auto group : {v1::FIELD_GROUP_PROFILE, v1::FIELD_GROUP_SECRETS}) update.add_update(group);
    const std::string changed =
        R"({"sourceId":"m1","userName":"m1","type":"machine","state":"inactive","machine":{"name":"New","description":"D","accessTokenType":"jwt",)"
        R"("keys":[{"id":"k1","publicKey":")" +
        std::string(kSpki) + R"("}]}})";
    const auto [predicted, real] = both(
        {changed, person("s1", "eve", R"("avatar":{"url":"https://img.example/a.png"},"phone":{"number":"+41791234567","verified":true})")},
        update);
    EXPECT_EQ(predicted, (std::vector<std::string>{"updated ", "partial update.lost"}));
    EXPECT_EQ(real, predicted);
    EXPECT_EQ(count("SELECT count(*) FROM users WHERE instance_no = ?1 AND display_name = 'New' AND description = 'D' AND "
                    "access_token_type = 1 AND state = 2"),
              1);
    EXPECT_EQ(count("SELECT count(*) FROM machine_keys WHERE instance_no = ?1 AND public_id = 'k1'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM users WHERE instance_no = ?1 AND name = 'ada' AND avatar = 'https://img.example/a.png' AND "
                    "phone = '+41791234567' AND phone_verified_at IS NOT NULL"),
              1);
}

}  // namespace
}  // namespace godwit::migration
