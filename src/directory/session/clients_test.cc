#include "directory/session/clients.h"

#include <gmock/gmock.h>

#include "directory/session/ending.h"
#include "directory/session/sessions.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr AppId kShop{11}, kForum{12};

class ClientsTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        UserStoreTest::SetUp();
        ada_ = add(with_password(human("ada", "ada-1")));
        clock().advance(std::chrono::seconds(1));
    }
    SessionId begin() {
        Update update;
        update.user = ada_;
        update.org = acme_;
        update.password = true;
        return sessions_.create(scope(), update, {}, 0, editor_)->id;
    }
    void note(SessionId session, AppId app) {
        ASSERT_TRUE(
            note_client(store(), scope(), {.session = session, .app = app, .issuer = "http://i", .subject = "ada-1", .user = ada_}));
    }
    std::vector<Due> due() {
        auto found = claim_due(store(), clock(), 10);
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(std::vector<Due>());
    }
    std::vector<Client> of(SessionId session) {
        return *store().read(store::Database::runtime, [&](store::Reader& db) { return clients_of(db, scope(), session); });
    }

    Sessions sessions_{store(), clock()};
    UserId ada_;
};
GODWIT_ON_BOTH_ENGINES(ClientsTest);

TEST_P(ClientsTest, AreToldWhenTheirSessionEnds) {
    const auto session = begin(), other = begin();
    note(session, kShop);
    note(session, kShop);
    note(session, kForum);
    note(other, kShop);
    EXPECT_THAT(of(session), SizeIs(2)) << "each once";
    EXPECT_THAT(due(), IsEmpty());

    ASSERT_TRUE(sessions_.terminate(scope(), session, editor_));
    const auto claimed = due();
    ASSERT_THAT(claimed, SizeIs(2));
    EXPECT_EQ(claimed[0].instance, scope());
    EXPECT_EQ(claimed[0].client, (Client{session, claimed[0].client.app, "http://i", "ada-1", ada_}));
    EXPECT_EQ(claimed[0].attempt, 1);
    EXPECT_THAT(due(), IsEmpty()) << "they are taken";
    EXPECT_THAT(of(session), SizeIs(2)) << "the pages of a sign-out still see them";

    ASSERT_TRUE(settle(store(), claimed[0]));
    EXPECT_THAT(of(session), SizeIs(1));
    note(session, kForum);
    note(session, kShop);
    EXPECT_THAT(of(session), SizeIs(1)) << "nothing begins in a session that has ended";
}

TEST_P(ClientsTest, AreTriedAgain) {
    const auto session = begin();
    note(session, kShop);
    ASSERT_TRUE(sessions_.terminate(scope(), session, editor_));
    auto claimed = due();
    ASSERT_THAT(claimed, SizeIs(1));
    ASSERT_TRUE(postpone(store(), claimed[0], std::chrono::seconds(10), "it answered 500"));
    clock().advance(std::chrono::seconds(9));
    EXPECT_THAT(due(), IsEmpty());
    clock().advance(std::chrono::seconds(1));
    claimed = due();
    ASSERT_THAT(claimed, SizeIs(1));
    EXPECT_EQ(claimed[0].attempt, 2);
    clock().advance(kClaim - std::chrono::seconds(1));
    EXPECT_THAT(due(), IsEmpty());
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(due().at(0).attempt, 3) << "who took it has died";
}

TEST_P(ClientsTest, HearOfUsersWhoMayNotGoOn) {
    const auto before = begin();
    note(before, kShop);
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users_.deactivate(user::Ref::of(scope(), ada_), editor_));
    EXPECT_THAT(due(), IsEmpty());
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users_.reactivate(user::Ref::of(scope(), ada_), editor_));
    const auto after = begin();
    note(after, kForum);

    EXPECT_EQ(end_clients_of_ended_users(store()), 1);
    EXPECT_EQ(end_clients_of_ended_users(store()), 0);
    const auto claimed = due();
    ASSERT_THAT(claimed, SizeIs(1));
    EXPECT_EQ(claimed[0].client.session, before) << "the session that began later lives";
    EXPECT_TRUE(sessions_.find_live(scope(), after)->has_value());

    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users_.end_sessions(user::Ref::of(scope(), ada_), editor_));
    EXPECT_EQ(end_clients_of_ended_users(store()), 1);
    EXPECT_THAT(due(), SizeIs(1));
}

TEST_P(ClientsTest, OfSessionsThatRanOutAreForgotten) {
    const auto brief = begin(), endless = begin(), ended = begin();
    for (const auto session : {brief, endless, ended}) note(session, kShop);
    note(brief, kForum);
    Update hour;
    hour.lifetime = std::chrono::hours(1);
    ASSERT_TRUE(sessions_.update(scope(), brief, hour, editor_));
    ASSERT_TRUE(sessions_.update(scope(), ended, hour, editor_));
    ASSERT_TRUE(sessions_.terminate(scope(), ended, editor_));
    clock().advance(std::chrono::hours(49));
    EXPECT_EQ(purge_clients(store(), clock(), scope()), 0) << "for two days they are kept";
    clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(purge_clients(store(), clock(), other_scope()), 0);
    EXPECT_EQ(purge_clients(store(), clock(), scope()), 2);
    EXPECT_EQ(purge_clients(store(), clock(), scope()), 0);
    EXPECT_THAT(of(brief), IsEmpty());
    EXPECT_THAT(of(endless), SizeIs(1));
    EXPECT_THAT(due(), SizeIs(1)) << "who is to be told still is";
}

TEST_P(ClientsTest, HearOfUsersWhoAreGone) {
    const auto session = begin();
    note(session, kShop);
    ASSERT_TRUE(terminate_all_of(store(), scope(), ada_, editor_));
    EXPECT_THAT(due(), SizeIs(1));
}

}  // namespace
}  // namespace godwit::session
