#include "migration/engine/run.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

class RunTest : public MigrationTest {};
GODWIT_ON_BOTH_ENGINES(RunTest);

TEST_P(RunTest, TakesAPersonWithAllParts) {
    const std::string idp = idps_.create(acme(), editor_, {.name = "google", .type = idp::Type::google, .config = {}, .secret = {}})->id;
    const auto end = take({person("s1", "ada",
                                  R"("userId":"u-1","createdAt":"2023-04-05T06:07:08Z",
        "email":{"address":"ada@acme.example","verified":true},"phone":{"number":"+41 79 123 45 67","verified":false},
        "password":{"hash":")" + std::string(kBcrypt) +
                                      R"(","changeRequired":true},
        "totp":[{"key":"JBSWY3DPEHPK3PXP","algorithm":"HmacSHA256","digits":8}],
        "idpLinks":[{"idp":"google","externalId":"1100","displayName":"Ada"}],"subjectAliases":["old-1"],
        "metadata":{"tier":"gold","photo":{"base64":"AAEC"},"list":[1,2]})")});
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(told(end.checkpoint.counters), "1 created");
    EXPECT_EQ(ref_of("s1"), "arrived created");
    const auto user = users_.get(in_acme("u-1"));
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_EQ(user->stamp.created, parse_rfc3339("2023-04-05T06:07:08Z"));
    EXPECT_TRUE(user->human()->email.verified());
    EXPECT_TRUE(user->human()->password_change_required);
    EXPECT_EQ(user->human()->phone.number, "+41791234567");
    EXPECT_EQ(count("SELECT digits FROM user_totp WHERE instance_no = ?1 AND alg = ?2", {"SHA256"}), 8);
    EXPECT_EQ(count("SELECT count(*) FROM idp_links WHERE instance_no = ?1 AND external_id = ?2", {"1100"}), 1);
    EXPECT_EQ(count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND value = ?2", {store::Blob{std::string_view("\0\1\2", 3)}}),
              1);
    EXPECT_EQ(count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND value = ?2", {store::Blob{"[1,2]"}}), 1);
    EXPECT_EQ(count("SELECT count(*) FROM external_refs WHERE instance_no = ?1 AND source_no = 2 AND external_id = ?2", {"old-1"}), 1);
    EXPECT_EQ(check_.verify(in_acme("u-1"), "Password1!", editor_)->verdict, signin::Verdict::verified);
}

TEST_P(RunTest, GroupsThatNoRoleIsMadeOfAreKeptAsMetadata) {
    const std::string ada = person("s1", "ada", R"("userId":"u-1","groups":["/staff","/sports","/staff"])");
    const auto kept = [&](std::string_view groups) {
        return count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND name = ?2 AND value = ?3",
                     {"migration.groups", store::Blob{groups}});
    };
    EXPECT_EQ(told(take({ada}).checkpoint.counters), "1 created");
    EXPECT_EQ(issue_of(1), "created group.kept");
    EXPECT_EQ(kept(R"(["/staff","/sports"])"), 1);
    // The same record under the same options is the same; with a role for one of its groups it says something else.
    auto merge = options(v1::ON_CONFLICT_MERGE);
    EXPECT_EQ(told(take({ada}, merge).checkpoint.counters), "1 skipped");
    EXPECT_EQ(issue_of(1), "skipped group.kept record.unchanged");
    (*merge.mutable_role_map())["/staff"] = "no such project/role";
    EXPECT_EQ(told(take({ada}, merge).checkpoint.counters), "1 partial");
    EXPECT_EQ(issue_of(1), "partial group.kept grant.unknown_project");
    // What a record says itself is not overwritten by what is kept for it.
    EXPECT_EQ(told(take({person("s2", "bob", R"("groups":["/a"],"metadata":{"migration.groups":"mine"})")}).checkpoint.counters),
              "1 partial");
    EXPECT_EQ(issue_of(1), "partial metadata.bad_value");
    EXPECT_EQ(kept("mine"), 1);
}

TEST_P(RunTest, SayingItTwiceChangesNothing) {
    const std::vector<std::string> lines{person("s1", "ada"), person("s2", "bob", R"("password":{"plain":"Secret-Word1"})")};
    EXPECT_EQ(told(take(lines).checkpoint.counters), "2 created");
    EXPECT_EQ(ref_of("s1"), "no_secret created");
    EXPECT_EQ(ref_of("s2"), "arrived created");
    const auto events = count("SELECT count(*) FROM events WHERE instance_no = ?1 AND pos > ?2", {-1});
    EXPECT_EQ(told(take(lines).checkpoint.counters), "2 skipped");
    EXPECT_EQ(issue_of(1), "skipped record.unchanged");
    EXPECT_EQ(count("SELECT count(*) FROM events WHERE instance_no = ?1 AND pos > ?2", {-1}), events);
    EXPECT_EQ(users(), 2);
    std::vector<std::string> doubled = lines;
    doubled.insert(doubled.end(), lines.begin(), lines.end());
    EXPECT_EQ(told(take(doubled).checkpoint.counters), "4 skipped");
}

TEST_P(RunTest, ARecordThatCannotComeCostsNoOther) {
    const auto end =
        take({person("s1", "ada"), "{", person("", "nobody"), R"({"sourceId":"s4"})",
              person("s5", "eve", R"("email":{"address":"not one"},"password":{"hash":"?"},"totp":[{"key":"!"}])"), person("s6", "fay")});
    EXPECT_EQ(told(end.checkpoint.counters), "2 created, 1 partial, 3 failed");
    EXPECT_EQ(issue_of(1), "-");
    EXPECT_EQ(issue_of(2), "failed record.bad_json");
    EXPECT_EQ(issue_of(3), "failed record.no_id");
    EXPECT_EQ(issue_of(4), "failed record.no_id");
    EXPECT_EQ(issue_of(5), "partial email.bad password.unsupported totp.bad_key");
    EXPECT_EQ(ref_of("s4"), "failed failed nobody");
    EXPECT_EQ(ref_of("s5"), "no_secret partial");
    EXPECT_EQ(end.checkpoint.counters.codes().at("record.no_id"), 2u);
}

TEST_P(RunTest, SomebodyInTheWayIsSkippedOrFailsAsTold) {
    add(with_password(human("ada", "here-1")));
    EXPECT_EQ(told(take({person("s1", "ADA"), person("s2", "bob", R"("userId":"here-1")")}).checkpoint.counters), "2 skipped");
    EXPECT_EQ(issue_of(1), "skipped match.login_name");
    EXPECT_EQ(issue_of(2), "skipped match.user_id");
    EXPECT_EQ(ref_of("s1"), "skipped skipped nobody");
    EXPECT_EQ(told(take({person("s1", "ADA", R"("state":"active")")}, options(v1::ON_CONFLICT_FAIL)).checkpoint.counters), "1 failed");
    EXPECT_EQ(issue_of(1), "failed match.login_name");
}

TEST_P(RunTest, TwoRecordsThatMeanOneUserAreAConflict) {
    const auto end =
        take({person("s1", "ada"), person("s2", "Ada"), person("s3", "bob", R"("userId":"u3")"), person("s4", "cy", R"("userId":"U3")")});
    EXPECT_EQ(told(end.checkpoint.counters), "2 created, 2 failed");
    EXPECT_EQ(issue_of(2), "failed match.two_sources");
    EXPECT_EQ(issue_of(4), "failed match.two_sources");
    // In another file the same: the first one's source id is known.
    EXPECT_EQ(told(take({person("s9", "ada")}).checkpoint.counters), "1 failed");
    EXPECT_EQ(issue_of(1), "failed match.two_sources");
}

TEST_P(RunTest, TheVerifiedEmailMatchesWhenAsked) {
    user::NewUser ada = human("ada");
    std::get<user::NewHuman>(ada.as).email = "ada@acme.example";
    std::get<user::NewHuman>(ada.as).email_verified = true;
    add(ada);
    v1::JobOptions by_email;
    by_email.add_match(v1::MATCH_SOURCE_ID);
    by_email.add_match(v1::MATCH_VERIFIED_EMAIL);
    const auto end = take({person("s1", "lovelace", R"("email":{"address":"Ada@Acme.example","verified":true})"),
                           person("s2", "byron", R"("email":{"address":"ada@acme.example","verified":false})")},
                          by_email);
    EXPECT_EQ(told(end.checkpoint.counters), "1 created, 1 skipped");
    EXPECT_EQ(issue_of(1), "skipped match.email");
}

TEST_P(RunTest, ARemovedUserStaysRemoved) {
    take({person("s1", "ada", R"("userId":"u1")")});
    ASSERT_TRUE(users_.remove(in_acme("u1"), editor_));
    EXPECT_EQ(told(take({person("s1", "ada", R"("userId":"u1","state":"active")")}).checkpoint.counters), "1 skipped");
    EXPECT_EQ(issue_of(1), "skipped match.removed");
    EXPECT_EQ(users(), 0);
}

TEST_P(RunTest, ARunThatBreaksGoesOnWhereItStood) {
    std::vector<std::string> lines;
    for (int i = 1; i <= 700; ++i) lines.push_back(person("s" + std::to_string(i), "u" + std::to_string(i)));
    v1::JobOptions careful;
    careful.set_max_errors(1);  // small batches at first
    const JobRow row = job(careful);
    last_job_ = row;
    LinesSource broken(lines);
    broken.fails_at = 450;
    EXPECT_EQ(run(row, broken).state, v1::JOB_STATE_FAILED);
    const auto stands = jobs_.get(scope(), {}, row.job.id());
    EXPECT_EQ(stands->job.error(), "the disk is gone");
    EXPECT_EQ(stands->job.last_record(), 450u) << "what came before is taken in";
    EXPECT_EQ(users(), 450) << "what is counted is what is there";
    LinesSource whole(lines);
    const auto end = run(*stands, whole);
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(told(end.checkpoint.counters), "700 created");
    EXPECT_EQ(users(), 700);
}

TEST_P(RunTest, AKindThatNobodyKnowsIsNotTakenForAnother) {
    take({person("s1", "ada", R"("type":"robot")"), person("s2", "bob", R"("machine":{"name":"m"})"),
          person("s3", "cy", R"("type":"machine","machine":{"name":"m","accessTokenType":"cookie"})"),
          person("s4", "di", R"("passkeys":[{"credentialId":"AQ","publicKey":"Ag","kind":"key"}])"),
          person("s5", "ed", R"("type":"human","machine":{"name":"","keys":[]})")});
    EXPECT_EQ(issue_of(1), "failed record.bad_form");
    EXPECT_EQ(issue_of(2), "failed record.both_types");
    EXPECT_EQ(issue_of(3), "partial text.not_kept machine.part_lost");
    EXPECT_EQ(issue_of(4), "partial passkey.bad");
    EXPECT_EQ(users(), 3);
}

TEST_P(RunTest, OptionsThatCannotBeMeantMakeNoJob) {
    const auto refused = [&](const std::function<void(v1::JobOptions&)>& say) {
        v1::JobOptions options;
        say(options);
        const auto made = jobs_.create(scope(), {.source = "legacy", .kind = "godwit", .org = acme_, .options = options}, editor_);
        return made ? "made" : made.error().id + " " + made.error().message;
    };
    const std::pair<const char*, const char*> names[] = {
        {"{userName", "not closed"}, {"{nobody}", "{userName}"}, {"{realm}", "one name of all"}, {"fixed", "one name of all"}};
    for (const auto& [text, why] : names) {
        const std::string said = refused([&](v1::JobOptions& o) {
            o.set_user_name(text);
            (*o.mutable_variables())["realm"] = "acme";
        });
        EXPECT_TRUE(said.starts_with("MIGRATE-Job01") && said.contains(why)) << text << ": " << said;
    }
    EXPECT_EQ(refused([](v1::JobOptions& o) { o.set_user_name("{{{email}"); }), "made");
    for (const char* role : {"", "editor", "/editor", "shop/"})
        EXPECT_TRUE(refused([&](v1::JobOptions& o) { (*o.mutable_role_map())["old"] = role; }).contains("project/role is due")) << role;
    EXPECT_TRUE(refused([](v1::JobOptions& o) { (*o.mutable_idp_map())[""] = "google"; }).contains("on the left"));
    EXPECT_TRUE(refused([](v1::JobOptions& o) { (*o.mutable_org_map())["acme"] = ""; }).contains("on the right"));
    EXPECT_TRUE(refused([](v1::JobOptions& o) { o.add_update(v1::FIELD_GROUP_SECRETS); }).contains("neither update nor merge"));
}

TEST_P(RunTest, TooManyErrorsPauseIt) {
    v1::JobOptions careful;
    careful.set_max_errors(3);
    const auto end = take({"{", person("s1", "ada"), "{", "{", person("s2", "bob")}, careful);
    EXPECT_EQ(end.state, v1::JOB_STATE_PAUSED);
    EXPECT_EQ(jobs_.get(scope(), {}, last_job_.job.id())->job.state(), v1::JOB_STATE_PAUSED);
    EXPECT_EQ(jobs_.claim(scope(), last_job_.id).error().id, "MIGRATE-Job05");
    ASSERT_TRUE(jobs_.resume(last_job_, scope()));
    LinesSource again({"{", person("s1", "ada"), "{", "{", person("s2", "bob"), "{", "{", person("s3", "cy")});
    EXPECT_EQ(told(run(last_job_, again).checkpoint.counters), "3 created, 5 failed") << "those before the pause do not count again";
}

TEST_P(RunTest, ThePauseOfAnotherIsSeenAtTheNextBatch) {
    std::vector<std::string> lines;
    for (int i = 1; i <= 600; ++i) lines.push_back(person("s" + std::to_string(i), "u" + std::to_string(i)));
    v1::JobOptions careful;
    careful.set_max_errors(1);
    const JobRow row = job(careful);
    LinesSource source(lines);
    bool asked = false;
    const auto end = run(row, source, {.on_batch = [&](const Checkpoint&, std::uint64_t) {
                             if (std::exchange(asked, true)) return;
                             EXPECT_TRUE(jobs_.pause(row, scope(), "lunch"));
                         }});
    EXPECT_EQ(end.state, v1::JOB_STATE_PAUSED);
    EXPECT_EQ(end.error, "lunch");
    EXPECT_EQ(static_cast<std::int64_t>(end.checkpoint.last_record), users());
    EXPECT_LT(users(), 600);
    ASSERT_TRUE(jobs_.resume(row, scope()));
    LinesSource again(lines);
    EXPECT_EQ(told(run(row, again).checkpoint.counters), "600 created");
}

TEST_P(RunTest, WhoTakesOverKeepsTheOtherFromWriting) {
    const JobRow row = job();
    auto first = jobs_.claim(scope(), row.id);
    auto second = jobs_.claim(scope(), row.id);
    ASSERT_TRUE(first && second);
    LinesSource source({person("s1", "ada")});
    const auto end = migration::run(parts(), jobs_, *first, {.source = source}, editor_);
    EXPECT_EQ(end->state, v1::JOB_STATE_RUNNING) << "it is the other's now";
    EXPECT_EQ(users(), 0);
    LinesSource again({person("s1", "ada")});
    EXPECT_EQ(migration::run(parts(), jobs_, *second, {.source = again}, editor_)->state, v1::JOB_STATE_DONE);
}

TEST_P(RunTest, OneIdempotencyKeyIsOneJob) {
    const JobRow first = job({}, "k"), second = job({}, "k");
    EXPECT_EQ(first.id, second.id);
    v1::JobOptions other;
    other.set_limit(7);
    const auto refused = jobs_.create(
        scope(), {.source = "legacy", .kind = "godwit", .org = acme_, .instance_wide = true, .options = other, .idempotency_key = "k"},
        editor_);
    EXPECT_EQ(refused.error().id, "MIGRATE-Job02");
}

TEST_P(RunTest, RecordsNameTheirOrganizationAndMayMakeIt) {
    const std::vector<std::string> lines{person("s1", "ada", R"("organization":{"name":"other"})"),
                                         person("s2", "bob", R"("organization":{"name":"New One"})")};
    EXPECT_EQ(told(take(lines).checkpoint.counters), "1 created, 1 failed");
    EXPECT_EQ(issue_of(2), "failed org.unknown");
    v1::JobOptions making;
    making.set_create_org(true);
    EXPECT_EQ(told(take(lines, making).checkpoint.counters), "1 created, 1 skipped");
    EXPECT_EQ(count("SELECT count(*) FROM users WHERE instance_no = ?1 AND org_id = ?2", {other_}), 1);
    // Who may write in one organization only gets the answer for one that does not exist.
    const auto own = jobs_.create(scope(), {.source = "own", .kind = "godwit", .org = acme_, .options = making}, editor_);
    LinesSource source({person("s3", "cy", R"("organization":{"name":"other"})"), person("s4", "di")});
    EXPECT_EQ(told(run(*own, source).checkpoint.counters), "1 created, 1 failed");
}

TEST_P(RunTest, ARehearsalSaysWhatWouldHappenAndWritesNobody) {
    add(with_password(human("here")));
    const std::vector<std::string> lines{person("s1", "ada"),
                                         person("s2", "here"),
                                         person("s3", "ADA"),
                                         "{",
                                         person("s5", "eve", R"("phone":{"number":"12"})"),
                                         person("s1", "ada"),
                                         person("s7", "gus", R"("userId":"4611686018427387999")"),
                                         person("s8", "ida", R"("password":{"plain":"short"})")};
    v1::JobOptions dry;
    dry.set_dry_run(true);
    const auto rehearsed = take(lines, dry);
    EXPECT_EQ(users(), 1);
    EXPECT_EQ(count("SELECT count(*) FROM external_refs WHERE instance_no = ?1 AND source_no >= ?2", {16}), 0);
    std::vector<std::string> predicted, real;
    for (std::size_t i = 1; i <= lines.size(); ++i) predicted.push_back(issue_of(i));
    const auto done = take(lines);
    for (std::size_t i = 1; i <= lines.size(); ++i) {
        real.push_back(issue_of(i) == "-" ? "created " : issue_of(i));
    }
    EXPECT_EQ(predicted, real);
    EXPECT_EQ(told(rehearsed.checkpoint.counters), told(done.checkpoint.counters));
}

TEST_P(RunTest, OnlyAPhoneOfWhichNothingIsSaidHasANote) {
    take({person("s1", "ada"), person("s2", "bob", R"("phone":{"number":"+41791234567","verified":false})"),
          person("s3", "cy", R"("phone":{"number":""})"), person("s4", "di", R"("phone":{"number":"+41791234567"})")});
    std::vector<std::string> issues;
    for (std::size_t i = 1; i <= 4; ++i) issues.push_back(issue_of(i));
    EXPECT_EQ(issues, (std::vector<std::string>{"-", "-", "-", "created phone.unverifiable"}));
}

TEST_P(RunTest, MergeAddsWhatIsMissingAndUpdateReplacesWhatIsNamed) {
    take({person("s1", "ada", R"("userId":"u1","metadata":{"tier":"gold"})")});
    EXPECT_EQ(ref_of("s1"), "no_secret created");
    const std::string later = R"("userId":"u1","password":{"hash":")" + std::string(kBcrypt) +
                              R"("},"metadata":{"tier":"lead","more":"1"},"email":{"address":"a@b.c","verified":true})";
    EXPECT_EQ(told(take({person("s1", "ada", later)}, options(v1::ON_CONFLICT_MERGE)).checkpoint.counters), "1 updated");
    EXPECT_EQ(ref_of("s1"), "arrived created") << "profiles first, secrets later";
    EXPECT_EQ(check_.verify(in_acme("u1"), "Password1!", editor_)->verdict, signin::Verdict::verified);
    EXPECT_EQ(count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND value = ?2", {store::Blob{"gold"}}), 1);
    EXPECT_EQ(count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND name = ?2", {"more"}), 1);
    EXPECT_EQ(users_.get(in_acme("u1"))->human()->email.address, "a@b.c");
    EXPECT_EQ(told(take({person("s1", "ada", later)}, options(v1::ON_CONFLICT_MERGE)).checkpoint.counters), "1 skipped");

    v1::JobOptions metadata = options(v1::ON_CONFLICT_UPDATE);
    metadata.add_update(v1::FIELD_GROUP_METADATA);
    EXPECT_EQ(told(take({R"({"sourceId":"s1","userName":"ada","profile":{"givenName":"Other"},"metadata":{"tier":"silver"}})"}, metadata)
                       .checkpoint.counters),
              "1 updated");
    EXPECT_EQ(count("SELECT count(*) FROM metadata WHERE instance_no = ?1 AND value = ?2", {store::Blob{"silver"}}), 1);
    EXPECT_EQ(users_.get(in_acme("u1"))->human()->profile.first_name, "G") << "only the groups that were named";
    EXPECT_EQ(told(take({R"({"sourceId":"s1","userName":"ada","profile":{"givenName":"Other"}})"}, options(v1::ON_CONFLICT_UPDATE))
                       .checkpoint.counters),
              "1 updated");
    EXPECT_EQ(users_.get(in_acme("u1"))->human()->profile.first_name, "Other");
}

TEST_P(RunTest, PreparesNoMoreThanOneBatchAhead) {
    std::vector<std::string> lines;
    for (int i = 1; i <= 3000; ++i) lines.push_back(person("s" + std::to_string(i), "u" + std::to_string(i)));
    v1::JobOptions careful;
    careful.set_max_errors(1);
    LinesSource source(lines);
    std::atomic<std::uint64_t> committed = 0;
    std::atomic<bool> ahead = false;
    // Batches of 100, 200, 400 …: one being written, one handed over, one being filled.
    source.before_record = [&](std::uint64_t number) {
        if (number > 8 * committed + 1600) ahead = true;
    };
    run(job(careful), source, {.on_batch = [&](const Checkpoint& at, std::uint64_t) { committed = at.last_record; }});
    EXPECT_FALSE(ahead);
    EXPECT_EQ(users(), 3000);
}

TEST_P(RunTest, LetsASmallWritePassBetweenItsTransactions) {
    std::vector<std::string> lines;
    for (int i = 1; i <= 2000; ++i) lines.push_back(person("s" + std::to_string(i), "u" + std::to_string(i)));
    LinesSource source(lines);
    std::future<bool> small;
    // The job cannot end before its last record is read, and that waits for the small write.
    bool passed = false;
    source.before_record = [&](std::uint64_t number) {
        if (number == 1500)
            small = std::async(std::launch::async, [&] { return users_.create(acme(), human("ada"), editor_).has_value(); });
        if (number == 2000) passed = small.wait_for(std::chrono::seconds{60}) == std::future_status::ready && small.get();
    };
    EXPECT_EQ(told(run(job(), source).checkpoint.counters), "2000 created");
    EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace godwit::migration
