#include "directory/user/history.h"
#include "directory/user/login_names.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::user {
namespace {

class ChangeTest : public UserStoreTest {
protected:
    std::string id_of(const Result<directory::Change>& result) { return result ? "" : result.error().id; }
    State state_of(UserId id) { return users_.get(ref(id))->state; }
    std::int64_t messages() { return count("SELECT COUNT(*) FROM messages WHERE instance_no = ?1"); }
};
GODWIT_ON_BOTH_ENGINES(ChangeTest);

TEST_P(ChangeTest, StatesMoveAsTheReferenceHasThem) {
    const UserId initial = add(human("initial")), active = add(with_password(human("active")));
    EXPECT_EQ(id_of(users_.deactivate(ref(initial), editor_)), "COMMAND-ke0fw");
    EXPECT_EQ(id_of(users_.reactivate(ref(initial), editor_)), "COMMAND-6M0sf");
    EXPECT_EQ(id_of(users_.deactivate(in_acme("nope"), editor_)), "COMMAND-3M9ds");
    EXPECT_EQ(id_of(users_.unlock(ref(active), editor_)), "COMMAND-4M0ds");

    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(id_of(users_.deactivate(ref(active), editor_)), "");
    EXPECT_EQ(state_of(active), State::inactive);
    EXPECT_EQ(users_.get(ref(active))->auth_epoch, clock().now().micros) << "sessions end";
    EXPECT_EQ(id_of(users_.deactivate(ref(active), editor_)), "COMMAND-5M0sf");
    EXPECT_EQ(id_of(users_.reactivate(ref(active), editor_)), "");
    EXPECT_EQ(id_of(users_.lock(ref(active), editor_)), "");
    EXPECT_EQ(id_of(users_.lock(ref(active), editor_)), "COMMAND-3NN8v");
    EXPECT_EQ(id_of(users_.unlock(ref(active), editor_)), "");
    EXPECT_EQ(state_of(active), State::active);
}

TEST_P(ChangeTest, AnotherOrganizationsUserIsNotThere) {
    const UserId theirs = add(with_password(human("theirs", "t-1")), other());
    EXPECT_EQ(users_.get(in_acme("t-1")).error().id, "MANAG-fpo4B");
    EXPECT_EQ(users_.get(in_acme("nope")).error().id, "QUERY-Dfbg2");
    EXPECT_EQ(id_of(users_.lock(in_acme("t-1"), editor_)), "COMMAND-5M9fs");
    EXPECT_EQ(id_of(users_.remove(in_acme("t-1"), editor_)), "COMMAND-m9od");
    EXPECT_EQ(state_of(theirs), State::active);
}

TEST_P(ChangeTest, RemovalTakesEverythingAndFreesTheName) {
    NewUser user = with_password(human("dave", "d-1"));
    std::get<NewHuman>(user.as).totp.push_back({.key = Secret("key"), .name = {}});
    std::get<NewHuman>(user.as).passkeys.push_back({.credential_id = "c", .cose_key = "\xa1\x01", .rp_id = "acme.example"});
    std::get<NewHuman>(user.as).recovery_codes.emplace_back("$hash$");
    std::get<NewHuman>(user.as).otp_email = true;
    user.metadata = {{"k", "v"}};
    const UserId id = add(user);
    ASSERT_TRUE(codes_.send_password_reset(ref(id), false, editor_));
    EXPECT_EQ(id_of(users_.remove(ref(id), editor_)), "");
    EXPECT_EQ(id_of(users_.remove(in_acme("d-1"), editor_)), "COMMAND-m9od");
    for (const char* table :
         {"users", "user_passwords", "user_totp", "passkeys", "recovery_codes", "user_otp", "user_codes", "messages", "metadata"})
        EXPECT_EQ(count("SELECT COUNT(*) FROM " + std::string(table) + " WHERE instance_no = ?1"), 0) << table;
    EXPECT_GT(count("SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2", {id}), 0) << "the history stays";
    add(human("dave"));
}

TEST_P(ChangeTest, ProfileEmailPhoneAndName) {
    const UserId id = add(with_password(human("alice")));
    Profile profile{.first_name = "A",
                    .last_name = "B",
                    .nick_name = {},
                    .display_name = "AB",
                    .language = "de",
                    .gender = Gender::diverse,
                    .avatar = {}};
    EXPECT_EQ(id_of(users_.change_profile(ref(id), profile, editor_)), "");
    EXPECT_EQ(id_of(users_.change_profile(ref(id), profile, editor_)), "COMMAND-2M0fs");

    EXPECT_EQ(id_of(users_.change_email(ref(id), "a2@example.com", true, editor_)), "");
    EXPECT_EQ(messages(), 0);
    EXPECT_EQ(id_of(users_.change_email(ref(id), "a3@example.com", false, editor_)), "");
    EXPECT_EQ(messages(), 1) << "a code waits in the outbox";
    EXPECT_EQ(id_of(users_.change_email(ref(id), "a3@example.com", false, editor_)), "COMMAND-2b7fM");
    EXPECT_EQ(id_of(users_.change_email(ref(id), "bad", false, editor_)), "EMAIL-599BI");
    EXPECT_EQ(id_of(codes_.resend_email_verification(ref(id), editor_)), "");

    EXPECT_EQ(id_of(users_.change_phone(ref(id), "+41 79 111 11 11", true, editor_)), "");
    EXPECT_EQ(users_.get(ref(id))->human()->phone.number, "+41791111111");
    EXPECT_EQ(id_of(users_.remove_phone(ref(id), editor_)), "");
    EXPECT_EQ(id_of(users_.remove_phone(ref(id), editor_)), "COMMAND-p6rsc");

    add(human("taken"));
    EXPECT_EQ(id_of(users_.change_name(ref(id), "alice", editor_)), "COMMAND-6m9gs");
    EXPECT_EQ(id_of(users_.change_name(ref(id), "TAKEN", editor_)), "V3-DKcYh");
    EXPECT_EQ(id_of(users_.change_name(ref(id), "Alice", editor_)), "") << "only its case";
    EXPECT_EQ(id_of(users_.change_name(ref(id), "alicia", editor_)), "");
    EXPECT_FALSE(*users_.find_by_login_name(scope(), "alice"));
    EXPECT_TRUE(*users_.find_by_login_name(scope(), "alicia"));
}

TEST_P(ChangeTest, AnEmailThatIsTheNameIsStillFoundAfterRenaming) {
    const UserId id = add(with_password(human("mail@example.com")));
    const auto find = [&] {
        return *store().read(store::Database::directory, [&](store::Reader& db) { return find_by_email(db, scope(), "MAIL@example.com"); });
    };
    EXPECT_EQ(find(), std::vector{id});
    ASSERT_TRUE(users_.change_name(ref(id), "other", editor_));
    EXPECT_EQ(find(), std::vector{id});
    ASSERT_TRUE(users_.change_name(ref(id), "mail@example.com", editor_));
    EXPECT_EQ(find(), std::vector{id});
}

TEST_P(ChangeTest, PasswordsAreSetReplacedAndRehashed) {
    const UserId id = add(human("p"));
    EXPECT_EQ(passwords_.find(ref(id))->value().encoded, "");
    const auto password = [](std::string encoded) {
        return NewPassword{.encoded = std::move(encoded), .scheme = "s", .change_required = true};
    };
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(id_of(passwords_.set(ref(id), password("one"), editor_)), "");
    EXPECT_EQ(state_of(id), State::active);
    auto stored = passwords_.find(ref(id))->value();
    EXPECT_EQ(stored.encoded, "one");
    EXPECT_TRUE(stored.change_required);
    const auto epoch = stored.auth_epoch;
    EXPECT_EQ(epoch, clock().now().micros);

    clock().advance(std::chrono::seconds(1));
    EXPECT_FALSE(*passwords_.rehash(scope(), id, "not it", password("two")));
    EXPECT_TRUE(*passwords_.rehash(scope(), id, "one", password("two")));
    stored = passwords_.find(ref(id))->value();
    EXPECT_EQ(stored.encoded, "two");
    EXPECT_TRUE(stored.proved);
    EXPECT_EQ(stored.auth_epoch, epoch) << "the same password: nobody is signed out";

    EXPECT_EQ(id_of(passwords_.change_own(ref(id), "one", password("three"), editor_)), "USER-Pwd02");
    EXPECT_EQ(id_of(passwords_.change_own(ref(id), "two", password("three"), editor_)), "");
    EXPECT_EQ(id_of(passwords_.set(ref(add(machine("m"))), password("x"), editor_)), "COMMAND-G8dh3");
}

TEST_P(ChangeTest, CodesAreTakenOnceAndGuessesAreCounted) {
    const UserId id = add(with_password(human("c")));
    const auto made = codes_.passwordless_registration(ref(id), false, editor_);
    ASSERT_TRUE(made);
    const std::string code(made->code.code.reveal());
    EXPECT_FALSE(*codes_.redeem(scope(), id, CodeKind::passwordless, made->code.id, "wrong"));
    EXPECT_TRUE(*codes_.redeem(scope(), id, CodeKind::passwordless, made->code.id, code));
    EXPECT_FALSE(*codes_.redeem(scope(), id, CodeKind::passwordless, made->code.id, code)) << "used";

    const auto second = codes_.passwordless_registration(ref(id), false, editor_);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(*codes_.redeem(scope(), id, CodeKind::passwordless, second->code.id, "guess"));
    EXPECT_FALSE(*codes_.redeem(scope(), id, CodeKind::passwordless, second->code.id, second->code.code.reveal())) << "guessed too often";

    const auto third = codes_.passwordless_registration(ref(id), true, editor_);
    clock().advance(std::chrono::hours(2));
    EXPECT_FALSE(*codes_.redeem(scope(), id, CodeKind::passwordless, third->code.id, third->code.code.reveal())) << "expired";
    EXPECT_EQ(messages(), 1);
    EXPECT_TRUE(codes_.passwordless_registration(in_acme("nope"), false, editor_)) << "does not tell who exists";
    EXPECT_EQ(id_of(codes_.resend_initialization(ref(id), "", editor_)), "COMMAND-2M9sd");
}

TEST_P(ChangeTest, HistoryIsReadBothWays) {
    NewUser user = with_password(human("h"));
    std::get<NewHuman>(user.as).email_verified = true;
    const UserId id = add(user);
    ASSERT_TRUE(users_.lock(ref(id), editor_));
    const auto read = [&](std::int64_t sequence, std::uint32_t limit, bool ascending) {
        const auto entries = store().read(store::Database::directory,
                                          [&](store::Reader& db) { return read_history(db, ref(id), sequence, limit, ascending); });
        std::string out;
        for (const HistoryEntry& entry : *entries) out += std::to_string(entry.sequence) + ":" + entry.type.substr(5) + " ";
        return out;
    };
    EXPECT_EQ(read(0, 2, true), "1:human.added 2:human.email.verified ");
    EXPECT_EQ(read(2, 0, true), "3:locked ");
    EXPECT_EQ(read(0, 0, false), "3:locked 2:human.email.verified 1:human.added ");
    EXPECT_EQ(read(3, 1, false), "2:human.email.verified ");
    ASSERT_TRUE(users_.unlock(ref(id), editor_));
    EXPECT_EQ(read(1, 2, true), "2:human.email.verified 3:locked ");
    EXPECT_EQ(read(3, 2, true), "4:unlocked ");
    EXPECT_EQ(read(0, 3, false), "4:unlocked 3:locked 2:human.email.verified ");
    EXPECT_EQ(read(4, 2, false), "3:locked 2:human.email.verified ");
    EXPECT_EQ(read(1, 1, false), "");
    EXPECT_EQ(read(9, 1, true), "");
}

TEST_P(ChangeTest, MachinesHoldSecretsKeysAndTokens) {
    const UserId id = add(machine("mc")), person = add(human("person"));
    const auto secret = machines_.generate_secret(ref(id), editor_);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->client_id, "mc");
    EXPECT_TRUE(*machines_.verify_secret(scope(), id, secret->secret.reveal()));
    EXPECT_FALSE(*machines_.verify_secret(scope(), id, "no"));
    EXPECT_EQ(machines_.generate_secret(ref(person), editor_).error().id, "COMMAND-x8910n");
    EXPECT_EQ(id_of(machines_.remove_secret(ref(id), editor_)), "");
    EXPECT_EQ(id_of(machines_.remove_secret(ref(id), editor_)), "COMMAND-coi82n");
    EXPECT_FALSE(*machines_.verify_secret(scope(), id, ""));

    const auto key = machines_.add_key(ref(id), {}, "", editor_);
    ASSERT_TRUE(key);
    EXPECT_NE(key->details.reveal().find(R"("type":"serviceaccount","keyId":")" + key->id), std::string_view::npos);
    EXPECT_EQ(machines_.get_key(ref(id), key->id)->expires, kNoExpiry);
    EXPECT_TRUE(*machines_.find_key(scope(), key->id));
    EXPECT_EQ(machines_.add_key(ref(id), Time{1}, "", editor_).error().id, "DOMAIN-dv3t5");
    EXPECT_EQ(machines_.list_keys(ref(id), {})->total, 1);
    EXPECT_EQ(id_of(machines_.remove_key(ref(id), key->id, editor_)), "");
    EXPECT_EQ(id_of(machines_.remove_key(ref(id), key->id, editor_)), "COMMAND-4m77G");

    const auto pat = machines_.add_pat(ref(id), clock().now() + std::chrono::hours(1), {"openid"}, editor_);
    ASSERT_TRUE(pat);
    const std::string token(pat->token.reveal());
    ASSERT_TRUE(*machines_.find_pat(scope(), token));
    EXPECT_EQ((*machines_.find_pat(scope(), token))->user, id);
    std::string altered = token;
    altered[20] = altered[20] == 'A' ? 'B' : 'A';
    for (const std::string& wrong : {std::string(), std::string("garbage"), token.substr(1), altered})
        EXPECT_FALSE(*machines_.find_pat(scope(), wrong));
    EXPECT_FALSE(*machines_.find_pat(other_scope(), token)) << "another instance";
    ASSERT_TRUE(users_.deactivate(ref(id), editor_));
    EXPECT_FALSE(*machines_.find_pat(scope(), token)) << "deactivated";
    ASSERT_TRUE(users_.reactivate(ref(id), editor_));
    clock().advance(std::chrono::hours(1));
    EXPECT_FALSE(*machines_.find_pat(scope(), token)) << "expired";
    EXPECT_EQ(machines_.add_pat(ref(person), {}, {}, editor_).error().id, "COMMAND-Df2f1");
    EXPECT_EQ(id_of(machines_.remove_pat(ref(id), pat->id, editor_)), "");
}

}  // namespace
}  // namespace godwit::user
