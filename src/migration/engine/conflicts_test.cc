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
    /// A provider here, to which people have links.
    std::string provider() {
        const auto made =
            idps_.create(acme(), editor_, {.name = "Hub", .id = {}, .options = {.creation_allowed = true}, .config = {}, .secret = {}});
        EXPECT_TRUE(made) << made.error().message;
        return made ? made->id : "";
    }
    static std::string with_link(const std::string& id, const std::string& name, const std::string& idp, const std::string& external) {
        return person(id, name, R"("idpLinks":[{"idp":")" + idp + R"(","externalId":")" + external + R"("}])");
    }
    static v1::JobOptions updating(std::initializer_list<v1::FieldGroup> groups) {
        auto out = options(v1::ON_CONFLICT_UPDATE);
        for (const v1::FieldGroup group : groups) out.add_update(group);
        return out;
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

TEST_P(ConflictsTest, WhatAnUpdateDoesNotTakeIsFreeForOthers) {
    const std::string idp = provider();
    take({person("s1", "ada"), machine("m1", ""), with_link("h", "holder", idp, "held")});
    const std::string passkey = R"("passkeys":[{"credentialId":"Y3JlZA","publicKey":"oQECAw","rpId":"acme.example"}])";
    std::string ada = with_link("s1", "eve", idp, "e1");
    ada.insert(ada.size() - 1, "," + passkey);
    // Neither link, passkey, key nor new name are those of the first two, and the third has nothing of the holder's.
    const std::vector<std::string> lines{ada,
                                         machine("m1", "k1", R"(,"state":"inactive")"),
                                         with_link("n1", "n1", idp, "e1"),
                                         with_passkey("n2", "Y3JlZA"),
                                         machine("m2", "k1"),
                                         person("n3", "eve"),
                                         with_link("n4", "n4", idp, "held")};
    const std::vector<std::string> expected{"partial update.lost", "updated ", "created ", "created ", "created ", "created ",
                                            "failed user.taken"};
    const auto [predicted, real] = both(lines, updating({v1::FIELD_GROUP_PROFILE}));
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
}

TEST_P(ConflictsTest, WhatAMergeTakesIsNotFree) {
    const std::string idp = provider();
    take({person("s1", "ada"), person("s2", "bob"), machine("m1", ""), with_link("h", "holder", idp, "held")});
    std::string both_links = with_link("s1", "ada", idp, "held");
    both_links.insert(both_links.find("]}"), R"(,{"idp":")" + idp + R"(","externalId":"e1"})");
    const std::vector<std::string> lines{both_links,                         // "held" is not for them, "e1" is
                                         with_link("s2", "bob", idp, "e1"),  // loses it
                                         with_link("n1", "n1", idp, "e1"),   // is refused
                                         machine("m1", "k1"),
                                         machine("m2", "k1"),
                                         both_links};  // the same again
    const std::vector<std::string> expected{"partial update.lost", "partial update.lost",     "failed user.taken", "updated ",
                                            "failed user.taken",   "skipped record.unchanged"};
    const auto [predicted, real] = both(lines, options(v1::ON_CONFLICT_MERGE));
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
}

TEST_P(ConflictsTest, WhoWasUpdatedIsKnownByTheRestOfTheFile) {
    add(human("ada"));
    add(human("bob"));
    const std::vector<std::string> lines{person("s1", "ada", R"("subjectAliases":["old"])"),
                                         person("s2", "ada"),  // they have a source id by now
                                         person("s1", "ada", R"("subjectAliases":["old"],"metadata":{"tier":"gold"})"),
                                         person("s1", "ada", R"("subjectAliases":["old"],"metadata":{"tier":"gold"})"),
                                         machine("s1", ""),
                                         person("s3", "bob", R"("subjectAliases":["old"])")};
    const std::vector<std::string> expected{
        "updated ", "failed match.two_sources", "updated ", "skipped record.unchanged", "failed match.other_type", "partial alias.taken"};
    const auto [predicted, real] = both(lines, updating({v1::FIELD_GROUP_PROFILE, v1::FIELD_GROUP_METADATA}));
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
}

TEST_P(ConflictsTest, ASeedThatCannotBeOpenedIsAFactorAndNotTheRecords) {
    take({with_totp("t1", "JBSWY3DPEHPK3PXP", "a")});
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return db.exec(scope(), "UPDATE user_totp SET secret = ?2 WHERE instance_no = ?1", {store::Blob{"damaged"}});
    }));
    const std::vector<std::string> expected{"partial update.lost", "created "};
    const auto [predicted, real] = both({with_totp("t1", "JBSWY3DPEHPK3PXP", "b"), person("last", "last")}, options(v1::ON_CONFLICT_MERGE));
    EXPECT_EQ(predicted, expected);
    EXPECT_EQ(real, expected);
    EXPECT_EQ(count("SELECT count(*) FROM user_totp WHERE instance_no = ?1"), 1) << "none beside it";
}

TEST_P(ConflictsTest, UpdateTakesWhatAMachineIsAndSaysThatNamesStay) {
    take({machine("m1", "k1"), person("s1", "ada")});
    const auto update = updating({v1::FIELD_GROUP_PROFILE, v1::FIELD_GROUP_SECRETS});
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
