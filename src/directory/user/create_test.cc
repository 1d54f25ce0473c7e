#include <thread>

#include "directory/user/user_test_fixture.h"

namespace godwit::user {
namespace {

class CreateTest : public UserStoreTest {};
GODWIT_ON_BOTH_ENGINES(CreateTest);

TEST_P(CreateTest, KeepsEverythingOfAHuman) {
    NewUser wanted = with_password(human("Full@Example.com", "auth0|5f1a"));
    auto& as = std::get<NewHuman>(wanted.as);
    as.profile = {.first_name = "Full",
                  .last_name = "User",
                  .nick_name = "F",
                  .display_name = "",
                  .language = "DE-ch",
                  .gender = Gender::female,
                  .avatar = {}};
    as.email_verified = true;
    as.phone = "+41 79 123-45.67";
    as.phone_verified = true;
    as.totp.push_back({.key = Secret("twenty bytes of a key"), .name = {}});
    wanted.metadata = {{"tier", "gold"}, {"tier", "silver"}};
    add(wanted);

    const auto user = users_.get(in_acme("auth0|5f1a"));
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_EQ(user->public_id, "auth0|5f1a");
    EXPECT_EQ(user->state, State::active);
    EXPECT_EQ(user->login_names, std::vector<std::string>{"Full@Example.com"});
    const Human& found = *user->human();
    EXPECT_EQ(found.profile.display_name, "Full User");
    EXPECT_EQ(found.profile.language, "de-CH");
    EXPECT_EQ(found.phone.number, "+41791234567");
    EXPECT_TRUE(found.phone.verified());
    EXPECT_TRUE(found.email.verified());
    EXPECT_EQ(found.email.source, "admin");
    EXPECT_TRUE(found.password_changed);
    EXPECT_EQ(count("SELECT COUNT(*) FROM metadata WHERE instance_no = ?1"), 1);
    const auto factors = links_.factors(in_acme("auth0|5f1a"));
    ASSERT_TRUE(factors && factors->size() == 1);
    EXPECT_TRUE(factors->front().ready);
    // The sequence is the number of events.
    EXPECT_EQ(user->stamp.sequence, count("SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2", {user->id}));
}

TEST_P(CreateTest, StateFollowsFromWhatTheUserBrings) {
    const auto state_of = [&](NewUser user) { return users_.get(ref(add(user)))->state; };
    EXPECT_EQ(state_of(human("nothing")), State::initial);
    NewUser verified = human("verified");
    std::get<NewHuman>(verified.as).email_verified = true;
    EXPECT_EQ(state_of(verified), State::initial);
    EXPECT_EQ(state_of(with_password(human("password"))), State::active);
    NewUser passkey = human("passkey");
    std::get<NewHuman>(passkey.as).passwordless_registration = true;
    EXPECT_EQ(state_of(passkey), State::active);
    EXPECT_EQ(state_of(machine("machine")), State::active);
    NewUser locked = with_password(human("locked"));
    locked.state = State::locked;
    EXPECT_EQ(state_of(locked), State::locked);
}

TEST_P(CreateTest, ABatchKeepsOrderAndCostsNobodyForAnother) {
    add(human("taken", "taken-id"));
    std::vector<NewUser> batch;
    batch.push_back(human("first"));
    batch.push_back(human("TAKEN"));          // by case only
    batch.push_back(human("x", "taken-id"));  // id
    batch.push_back(human("y", "TAKEN-id"));  // id, by case only
    batch.push_back(human("first"));          // in the batch
    batch.push_back(human(" white"));         // form
    batch.push_back(human("last"));
    const std::vector<std::string> expected{"", "V3-DKcYh", "COMMAND-ziuna", "COMMAND-ziuna", "V3-DKcYh", "USER-Nam03", ""};
    for (const bool look_first : {true, false}) {
        const auto outcome = users_.create(acme(), batch, editor_, {.bulk = true, .look_first = look_first});
        ASSERT_TRUE(outcome) << outcome.error().message;
        std::vector<std::string> ids;
        for (const auto& slot : *outcome) ids.push_back(slot ? "" : slot.error().id);
        EXPECT_EQ(ids, expected) << look_first;
        EXPECT_EQ(count("SELECT COUNT(*) FROM users WHERE instance_no = ?1"), 3) << look_first;
        EXPECT_EQ(count("SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND type = 'user.human.added'"), 3) << look_first;
        for (const char* name : {"first", "last"})
            ASSERT_TRUE(users_.remove(ref((*users_.find_by_login_name(scope(), name))->id), editor_));
        ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
            return db.exec(scope(),
                           "DELETE FROM events WHERE instance_no = ?1 AND agg_id NOT IN (SELECT id FROM users WHERE instance_no = ?1)",
                           std::initializer_list<store::Value>{});
        }));
    }
}

TEST_P(CreateTest, ThousandsInOneTransaction) {
    std::vector<NewUser> batch;
    for (int i = 0; i < 3000; ++i) batch.push_back(with_password(human("user" + std::to_string(i), "id-" + std::to_string(i))));
    ASSERT_TRUE(users_.create(acme(), batch, editor_, {.bulk = true, .look_first = false}));
    for (const bool look_first : {true, false}) {
        const auto again = users_.create(acme(), batch, editor_, {.bulk = true, .look_first = look_first});
        ASSERT_TRUE(again);
        for (const auto& slot : *again) ASSERT_EQ(slot.error().id, "COMMAND-ziuna") << look_first;
    }
    EXPECT_EQ(count("SELECT COUNT(*) FROM users WHERE instance_no = ?1"), 3000);
}

TEST_P(CreateTest, UnicodeNamesAreOneNameInAllTheirForms) {
    struct Row {
        const char* what;
        const char* stored;
        const char* other;
    };
    for (const Row& row : {Row{"mixed case", "StraßeA", "STRASSEa"}, Row{"composed and decomposed", "J\u00fcrg", "Ju\u0308rg"},
                           Row{"full width", "\uff21bc", "abc"}, Row{"right to left", "\u05d0\u05d1\u05d2", "\u05d0\u05d1\u05d2"},
                           Row{"Greek sigma", "ΣΑΣ", "σας"}}) {
        add(human(row.stored));
        EXPECT_EQ(error_of(human(row.other)), "V3-DKcYh") << row.what;
        EXPECT_EQ(error_of(human(row.other), other()), "V3-DKcYh") << row.what << ", another organization";
        EXPECT_TRUE(*users_.find_by_login_name(scope(), row.other)) << row.what;
    }
    EXPECT_EQ(error_of(human("trailing ")), "USER-Nam03");
    EXPECT_EQ(error_of(human("\u00a0nbsp")), "USER-Nam03");
    EXPECT_EQ(error_of(human("\u202eevil")), "USER-Nam02");
    EXPECT_EQ(error_of(human("")), "USER-Nam01");
}

TEST_P(CreateTest, NamesThatCarryTheDomainAreUniqueInTheirOrganizationOnly) {
    names_must_carry_the_domain(acme());
    names_must_carry_the_domain(other());
    const UserId ours = add(human("ada"));
    const UserId theirs = add(human("ada"), other());
    EXPECT_EQ(users_.get(ref(ours))->preferred_login_name, "ada@acme.localhost");
    EXPECT_EQ((*users_.find_by_login_name(scope(), "ADA@Acme.LOCALHOST"))->id, ours);
    EXPECT_EQ((*users_.find_by_login_name(scope(), "ada@other.localhost"))->id, theirs);
    EXPECT_FALSE(*users_.find_by_login_name(scope(), "ada"));
}

TEST_P(CreateTest, OneFullNameIsNotClaimedByTwoForms) {
    add(human("ada@acme.localhost"));
    EXPECT_EQ(error_of(human("eve@acme.localhost"), other()), "COMMAND-SFd21");  // another organization's domain
    names_must_carry_the_domain(acme());
    EXPECT_EQ(error_of(human("ada")), "V3-DKcYh");
    add(human("bob"));
    ASSERT_TRUE(settings::Settings(store()).reset(acme(), editor_, settings::v1::DomainPolicy()));
    EXPECT_EQ(error_of(human("bob@acme.localhost")), "V3-DKcYh");
}

TEST_P(CreateTest, GivenIdsAreBoundByTheRulesOfSubjects) {
    EXPECT_EQ(error_of(human("a", "4611686018427387905")), "ID-Rsv01");
    EXPECT_EQ(error_of(human("b", std::string(201, 'x'))), "ID-Fmt01");
    add(human("seed", "104133391271651848"));
    EXPECT_TRUE(users_.get(in_acme("104133391271651848")));

    const UserId gone = add(human("gone", "Gone-1"));
    ASSERT_TRUE(users_.remove(ref(gone), editor_));
    EXPECT_EQ(error_of(human("again", "gone-1")), "COMMAND-ziuna");
    const NewUser again = human("again", "gone-1");
    const auto unlooked = users_.create(acme(), std::span(&again, 1), editor_, {.bulk = true, .look_first = false});
    ASSERT_TRUE(unlooked);
    EXPECT_EQ(unlooked->front().error().id, "COMMAND-ziuna");
    EXPECT_TRUE(users_.create(acme(), human("again", "gone-1"), editor_, {.reuse_removed_ids = true}));
}

TEST_P(CreateTest, LinksNeedAProviderThatAllowsCreation) {
    const auto open =
        idps_.create(acme(), editor_, {.name = "Open", .id = {}, .options = {.creation_allowed = true}, .config = {}, .secret = {}});
    const auto closed = idps_.create(acme(), editor_, {.name = "Closed", .id = {}, .options = {}, .config = {}, .secret = {}});
    ASSERT_TRUE(open && closed);
    const auto linked = [&](std::string name, std::string idp) {
        NewUser user = human(std::move(name));
        std::get<NewHuman>(user.as).idp_links.push_back({std::move(idp), "ext-1", "Ext 1"});
        return user;
    };
    EXPECT_EQ(error_of(linked("l0", "123")), "COMMAND-39nfs");
    EXPECT_EQ(error_of(linked("l0", closed->id)), "COMMAND-SJI3g");
    const UserId user = add(linked("l1", open->id));
    EXPECT_EQ(users_.get(ref(user))->state, State::active);
    EXPECT_EQ(error_of(linked("l2", open->id)), "V3-DKcYh");
    const auto links = links_.list(ref(user), {});
    ASSERT_TRUE(links && links->rows.size() == 1);
    EXPECT_EQ(links->rows[0].idp_name, "Open");
    EXPECT_TRUE(links_.remove(ref(user), open->id, "ext-1", editor_));
    EXPECT_EQ(links_.remove(ref(user), open->id, "ext-1", editor_).error().id, "COMMAND-1M9xR");
}

TEST_P(CreateTest, EightThreadsOneName) {
    std::atomic<int> made = 0, taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto result = users_.create(acme(), human("contested"), editor_);
            if (result) {
                ++made;
            } else if (result.error().id == "V3-DKcYh") {
                ++taken;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(taken, 7);
}

}  // namespace
}  // namespace godwit::user
