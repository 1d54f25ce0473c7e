#include <functional>
#include <map>
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
    EXPECT_EQ(user->stamp.sequence, history(user->id));
}

NewPasskey passkey(std::string credential, bool passwordless = true) {
    return {.credential_id = std::move(credential),
            .cose_key = "\xa5\x01\x02",
            .rp_id = "acme.example",
            .sign_count = 7,
            .aaguid = std::string(16, '\0'),
            .user_handle = "handle",
            .transports = {"usb", "internal"},
            .name = "Key",
            .passwordless = passwordless,
            .backup_eligible = true,
            .backed_up = false};
}

TEST_P(CreateTest, KeepsTheAuthenticatorsOfAHuman) {
    NewUser wanted = with_password(human("ada", "ada-1"));
    auto& as = std::get<NewHuman>(wanted.as);
    as.profile.avatar = "https://pictures.example/ada.png?size=64";
    as.phone = "+41791234567";
    as.totp.push_back({.key = Secret("twenty bytes of a key"), .algorithm = "SHA256", .digits = 8, .period = 60, .name = {}});
    as.passkeys = {passkey("c1"), passkey("c2", /*passwordless=*/false)};
    as.recovery_codes = {"$hash$1", "$hash$2"};
    as.otp_email = as.otp_sms = true;
    const UserId id = add(wanted);
    EXPECT_EQ(users_.get(ref(id))->human()->profile.avatar_url(), as.profile.avatar);
    EXPECT_EQ(count("SELECT COUNT(*) FROM recovery_codes WHERE instance_no = ?1 AND user_id = ?2 AND encoded LIKE '$hash$%'", {id}), 2);
    EXPECT_EQ(count("SELECT COUNT(*) FROM passkeys WHERE instance_no = ?1 AND rp_id = 'acme.example' AND sign_count = 7 AND flags = 1 AND "
                    "transports = 'usb internal'"),
              2);
    EXPECT_EQ(users_.get(ref(id))->stamp.sequence, history(id));

    const auto factors = links_.factors(ref(id));
    ASSERT_TRUE(factors && factors->size() == 4);
    using Kind = Factor::Kind;
    EXPECT_EQ((*factors)[0].kind, Kind::totp);
    EXPECT_EQ((*factors)[1].kind, Kind::u2f);
    EXPECT_EQ((*factors)[2].kind, Kind::otp_sms);
    EXPECT_EQ((*factors)[3].kind, Kind::otp_email);
    const auto passkeys = links_.passkeys(ref(id));
    ASSERT_TRUE(passkeys && passkeys->size() == 1);
    const auto all = links_.enrolled(scope(), id);
    EXPECT_TRUE(all && all->totp && all->u2f && all->passwordless && all->otp_sms && all->otp_email);

    EXPECT_EQ(links_.remove_u2f(ref(id), passkeys->front().id, editor_).error().id, "COMMAND-DAfb2") << "it is none";
    EXPECT_TRUE(links_.remove_passkey(ref(id), passkeys->front().id, editor_));
    EXPECT_EQ(links_.remove_passkey(ref(id), passkeys->front().id, editor_).error().id, "COMMAND-DAfb2");
    EXPECT_TRUE(links_.remove_u2f(ref(id), (*factors)[1].id, editor_));
    EXPECT_TRUE(links_.remove_totp(ref(id), editor_));
    EXPECT_TRUE(links_.remove_otp(ref(id), Kind::otp_sms, editor_));
    EXPECT_EQ(links_.remove_otp(ref(id), Kind::otp_sms, editor_).error().id, "COMMAND-Sr3h3");
    EXPECT_TRUE(links_.remove_otp(ref(id), Kind::otp_email, editor_));
    EXPECT_EQ(links_.remove_otp(ref(id), Kind::otp_email, editor_).error().id, "COMMAND-b312D");
    EXPECT_FALSE(links_.enrolled(scope(), id)->second_factor());
}

TEST_P(CreateTest, APasskeyBelongsToOnePerson) {
    const auto with_keys = [&](std::string name, std::vector<NewPasskey> keys) {
        NewUser user = human(std::move(name));
        std::get<NewHuman>(user.as).passkeys = std::move(keys);
        return user;
    };
    EXPECT_EQ(users_.get(ref(add(with_keys("first", {passkey("c1")}))))->state, State::active);
    EXPECT_EQ(users_.get(ref(add(with_keys("u2f", {passkey("c2", false)}))))->state, State::initial) << "it signs nobody in by itself";
    EXPECT_EQ(error_of(with_keys("second", {passkey("c1")})), "USER-Psk08");
    EXPECT_EQ(error_of(with_keys("twice", {passkey("c3"), passkey("c3", false)})), "USER-Psk08");
    NewPasskey elsewhere = passkey("c1");
    elsewhere.rp_id = "other.example";
    add(with_keys("third", {elsewhere}));

    const std::vector<NewUser> batch{with_keys("b1", {passkey("c4")}), with_keys("b2", {passkey("c4")}), human("first"),
                                     with_keys("b3", {passkey("c5")})};
    const auto outcome = users_.create(acme(), batch, editor_, {.look_first = false});
    ASSERT_TRUE(outcome) << outcome.error().message;
    std::vector<std::string> ids;
    for (const auto& slot : *outcome) ids.push_back(slot ? "" : slot.error().id);
    EXPECT_EQ(ids, (std::vector<std::string>{"", "USER-Psk08", "V3-DKcYh", ""}));
}

TEST_P(CreateTest, FormsOfAuthenticatorsAreChecked) {
    struct Row {
        const char* id;
        std::function<void(NewHuman&)> spoil;
    };
    const auto key = [](auto member, auto value) {
        return [=](NewHuman& human) {
            human.passkeys = {passkey("c")};
            human.passkeys[0].*member = value;
        };
    };
    const auto totp = [](auto member, auto value) {
        return [=](NewHuman& human) {
            human.totp = {{.key = Secret("k"), .name = {}}};
            human.totp[0].*member = value;
        };
    };
    const std::string nothing;
    const Row rows[] = {
        {"USER-Otp01", totp(&NewTotp::key, Secret())},
        {"USER-Otp02", totp(&NewTotp::algorithm, "MD5")},
        {"USER-Otp03", totp(&NewTotp::digits, 9)},
        {"USER-Otp04", totp(&NewTotp::period, 0)},
        {"USER-Otp06", [](NewHuman& human) { human.email.clear(), human.otp_email = true; }},
        {"USER-Otp07", [](NewHuman& human) { human.otp_sms = true; }},
        {"USER-Psk01", key(&NewPasskey::credential_id, nothing)},
        {"USER-Psk01", key(&NewPasskey::credential_id, std::string(1'024, 'c'))},
        {"USER-Psk02", key(&NewPasskey::cose_key, nothing)},
        {"USER-Psk02", key(&NewPasskey::cose_key, std::string("pem"))},
        {"USER-Psk02", key(&NewPasskey::cose_key, "\xa5" + std::string(8'192, '\0'))},
        {"USER-Psk03", key(&NewPasskey::rp_id, nothing)},
        {"USER-Psk03", key(&NewPasskey::rp_id, std::string("https://acme.example"))},
        {"USER-Psk03", key(&NewPasskey::rp_id, std::string("Acme.example"))},
        {"USER-Psk03", key(&NewPasskey::rp_id, std::string("acme..example"))},
        {"USER-Psk04", key(&NewPasskey::aaguid, std::string("short"))},
        {"USER-Psk05", key(&NewPasskey::user_handle, std::string(65, 'h'))},
        {"USER-Psk06", key(&NewPasskey::transports, std::vector<std::string>{"two words"})},
        {"USER-Psk07", key(&NewPasskey::name, std::string("a\nb"))},
        {"USER-Rec01", [&](NewHuman& human) { human.recovery_codes = {nothing}; }},
        {"USER-Fct01", [](NewHuman& human) { human.recovery_codes.assign(101, "$h$"); }},
        {"USER-Avt01", [](NewHuman& human) { human.profile.avatar = "http://pictures.example/a.png"; }},
        {"USER-Avt01", [](NewHuman& human) { human.profile.avatar = "javascript:alert(1)"; }},
    };
    for (const Row& row : rows) {
        NewUser user = human("spoiled");
        row.spoil(std::get<NewHuman>(user.as));
        EXPECT_EQ(error_of(user), row.id);
    }
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
        const auto outcome = users_.create(acme(), batch, editor_, {.look_first = look_first});
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
    ASSERT_TRUE(users_.create(acme(), batch, editor_, {.look_first = false}));
    for (const bool look_first : {true, false}) {
        const auto again = users_.create(acme(), batch, editor_, {.look_first = look_first});
        ASSERT_TRUE(again);
        for (const auto& slot : *again) ASSERT_EQ(slot.error().id, "COMMAND-ziuna") << look_first;
    }
    EXPECT_EQ(count("SELECT COUNT(*) FROM users WHERE instance_no = ?1"), 3000);
}

TEST_P(CreateTest, EachOfALargeBatchIsWhoTheirPlaceSays) {
    constexpr std::size_t kUsers = 1'500, kStep = 1'007;  // without a common divisor: each once, and in no order of names
    std::vector<NewUser> batch;
    for (std::size_t i = 0; i < kUsers; ++i) batch.push_back(human("user" + std::to_string(i * kStep % kUsers)));
    const auto outcome = users_.create(acme(), batch, editor_, {.look_first = false});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->size(), kUsers);
    std::map<std::int64_t, std::string> names;
    ASSERT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) {
        return db.query(scope(), "SELECT id, name FROM users WHERE instance_no = ?1", {},
                        [&](const store::Row& row) { names[row.i64(0)] = row.text(1); });
    }));
    EXPECT_EQ(names.size(), kUsers);
    for (std::size_t i = 0; i < kUsers; ++i) {
        const auto& slot = (*outcome)[i];
        ASSERT_TRUE(slot) << i << ": " << slot.error().message;
        ASSERT_EQ(names[slot->id.key], batch[i].name) << i;
        ASSERT_EQ(slot->public_id, std::to_string(slot->id.key)) << i;
    }
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
    const auto unlooked = users_.create(acme(), std::span(&again, 1), editor_, {.look_first = false});
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
