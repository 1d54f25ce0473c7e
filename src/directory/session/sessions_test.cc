#include "directory/session/sessions.h"

#include "directory/user/user_test_fixture.h"

namespace godwit::session {
namespace {

class SessionsTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        UserStoreTest::SetUp();
        ada_ = add(with_password(human("ada", "ada-1")));
        clock().advance(std::chrono::seconds(1));
    }
    Update checked(bool password = true) const {
        Update update;
        update.user = ada_;
        update.org = acme_;
        update.password = password;
        return update;
    }
    Started start(const Update& update, std::int64_t agent = 0) {
        auto started = sessions_.create(scope(), update, {}, agent, editor_);
        EXPECT_TRUE(started) << started.error().message;
        return *std::move(started);
    }
    bool live(SessionId id) { return sessions_.find_live(scope(), id)->has_value(); }

    Sessions sessions_{store(), clock()};
    UserId ada_;
};
GODWIT_ON_BOTH_ENGINES(SessionsTest);

TEST_P(SessionsTest, KeepsWhatWasChecked) {
    Update update = checked();
    update.metadata = {{"k", "v"}};
    update.lifetime = std::chrono::hours(1);
    UserAgent agent;
    agent.fingerprint_id = "fp";
    agent.headers["accept"] = {"a", "b"};
    const auto started = sessions_.create(scope(), update, agent, 0, editor_);
    ASSERT_TRUE(started);
    const auto shown = sessions_.show(scope(), std::to_string(started->id.key));
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->session.factors.password, clock().now());
    EXPECT_EQ(shown->session.factors.amr(), std::vector<std::string>{"pwd"});
    EXPECT_EQ(shown->session.factors.auth_time(), clock().now());
    EXPECT_EQ(shown->session.metadata.at("k"), "v");
    EXPECT_EQ(shown->session.user_agent->headers.at("accept").size(), 2u);
    EXPECT_EQ(shown->session.expires, clock().now() + std::chrono::hours(1));
    EXPECT_EQ(shown->session.creator, editor_.user);
    EXPECT_EQ(shown->user->id, "ada-1");
    EXPECT_EQ(shown->user->login_name, "ada");
    EXPECT_EQ(sessions_.get(scope(), "123").error().id, "QUERY-SFeaa");
    EXPECT_EQ(sessions_.get(other_scope(), std::to_string(started->id.key)).error().id, "QUERY-SFeaa");
}

TEST_P(SessionsTest, EachUpdateChangesTheToken) {
    const auto first = start(checked(false));
    EXPECT_TRUE(sessions_.check_token(scope(), first.id, first.token.reveal()));
    const auto second = sessions_.update(scope(), first.id, checked(), editor_);
    ASSERT_TRUE(second);
    EXPECT_TRUE(sessions_.check_token(scope(), first.id, second->token.reveal()));
    EXPECT_EQ(sessions_.check_token(scope(), first.id, first.token.reveal()).error().id, "COMMAND-sGr42");
    EXPECT_EQ(sessions_.check_token(scope(), first.id, "").error().id, "COMMAND-sGr42");
    Update another = checked();
    another.user = add(human("eve"));
    EXPECT_EQ(sessions_.update(scope(), first.id, another, editor_).error().id, "COMMAND-Ses01");
    Update metadata;
    metadata.metadata = {{"a", "1"}};
    ASSERT_TRUE(sessions_.update(scope(), first.id, metadata, editor_));
    metadata.metadata = {{"a", ""}};
    ASSERT_TRUE(sessions_.update(scope(), first.id, metadata, editor_));
    EXPECT_TRUE(sessions_.get(scope(), std::to_string(first.id.key))->metadata.empty());
}

TEST_P(SessionsTest, EndsByItselfByCallAndWithItsUser) {
    Update brief = checked();
    brief.lifetime = std::chrono::seconds(10);
    const auto expiring = start(brief);
    EXPECT_TRUE(live(expiring.id));
    clock().advance(std::chrono::seconds(10));
    EXPECT_FALSE(live(expiring.id));
    EXPECT_TRUE(sessions_.get(scope(), std::to_string(expiring.id.key))) << "may be read";
    EXPECT_EQ(sessions_.update(scope(), expiring.id, checked(), editor_).error().id, "COMMAND-Hkl3d");

    const auto ended = start(checked());
    EXPECT_TRUE(sessions_.terminate(scope(), ended.id, editor_));
    EXPECT_TRUE(sessions_.terminate(scope(), ended.id, editor_)) << "twice";
    EXPECT_FALSE(live(ended.id));
    EXPECT_EQ(sessions_.get(scope(), std::to_string(ended.id.key)).error().id, "QUERY-SFeaa");
    EXPECT_FALSE(sessions_.check_token(scope(), ended.id, ended.token.reveal()));

    const auto old = start(checked());
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users_.end_sessions(ref(ada_), editor_));
    EXPECT_FALSE(live(old.id)) << "older than the user's epoch";
    clock().advance(std::chrono::seconds(1));
    const auto renewed = sessions_.update(scope(), old.id, checked(), editor_);
    ASSERT_TRUE(renewed);
    EXPECT_TRUE(live(old.id)) << "the password was checked again";
    ASSERT_TRUE(users_.lock(ref(ada_), editor_));
    EXPECT_FALSE(live(old.id));
    EXPECT_TRUE(live(start(Update{}).id)) << "nobody's session";
}

TEST_P(SessionsTest, IsGoneWithItsUser) {
    const auto hers = start(checked()), nobodys = start(Update{});
    const std::string id = std::to_string(hers.id.key);
    ASSERT_TRUE(users_.lock(ref(ada_), editor_));
    EXPECT_TRUE(sessions_.get(scope(), id)) << "a locked user's may be read";
    ASSERT_TRUE(users_.remove(ref(ada_), editor_));
    EXPECT_FALSE(live(hers.id));
    EXPECT_EQ(sessions_.get(scope(), id).error().id, "QUERY-SFeaa");
    EXPECT_EQ(sessions_.show(scope(), id).error().id, "QUERY-SFeaa");
    Update metadata;
    metadata.metadata = {{"a", "1"}};
    EXPECT_EQ(sessions_.update(scope(), hers.id, metadata, editor_).error().id, "QUERY-SFeaa");
    EXPECT_TRUE(sessions_.get(scope(), std::to_string(nobodys.id.key)));
    EXPECT_TRUE(sessions_.update(scope(), nobodys.id, metadata, editor_));
    const auto listed = sessions_.list(scope(), {}, {}, UserId{}, {});
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->total, 1u);
    ASSERT_EQ(listed->rows.size(), 1u);
    EXPECT_EQ(listed->rows[0].session.id, nobodys.id);
    EXPECT_TRUE((*sessions_.find(scope(), id))->terminated) << "what an interrupted removal left is ended";
    ASSERT_TRUE(*sessions_.find(scope(), id)) << "still there to be ended";
    EXPECT_TRUE(sessions_.terminate(scope(), hers.id, editor_));
}

TEST_P(SessionsTest, ABrowserHasSeveral) {
    const auto agent = sessions_.create_agent(scope());
    ASSERT_TRUE(agent);
    const std::string cookie(agent->cookie.reveal());
    EXPECT_EQ((*sessions_.find_agent(scope(), cookie))->id, agent->id);
    std::string altered = cookie;
    altered.back() = altered.back() == 'A' ? 'E' : 'A';
    EXPECT_FALSE(*sessions_.find_agent(scope(), altered));
    EXPECT_FALSE(*sessions_.find_agent(scope(), "x"));
    EXPECT_FALSE(*sessions_.find_agent(other_scope(), cookie));
    const auto first = start(checked(), agent->id);
    clock().advance(std::chrono::seconds(1));
    const auto second = start(checked(), agent->id);
    start(checked());
    const auto both = sessions_.of_agent(scope(), agent->id);
    ASSERT_EQ(both->size(), 2u);
    EXPECT_EQ(both->front().id, second.id) << "the latest used first";
    ASSERT_TRUE(sessions_.terminate(scope(), second.id, editor_));
    EXPECT_EQ(sessions_.of_agent(scope(), agent->id)->front().id, first.id);
}

TEST_P(SessionsTest, IsSearched) {
    UserAgent agent;
    agent.fingerprint_id = "fp";
    const auto by_fingerprint = sessions_.create(scope(), checked(), agent, 0, {.user = ada_, .service = "Test", .request_id = {}});
    const auto nobodys = start(Update{});
    const auto total = [&](const Search& search, std::optional<std::vector<OrgId>> within = {}, UserId own = {}) {
        return sessions_.list(scope(), search, within, own, {})->total;
    };
    EXPECT_EQ(total({}), 2u);
    EXPECT_EQ(total({.ids = {{std::to_string(nobodys.id.key), "x"}}, .user_id = {}, .creator_id = {}, .fingerprint_id = {}, .created = {}}),
              1u);
    Search search;
    search.user_id = "ada-1";
    EXPECT_EQ(total(search), 1u);
    search.user_id = "nobody";
    EXPECT_EQ(total(search), 0u);
    search = {};
    search.fingerprint_id = "fp";
    EXPECT_EQ(total(search), 1u);
    search = {};
    search.created = Search::Created{clock().now(), store::TimeMethod::greater};
    EXPECT_EQ(total(search), 0u);
    EXPECT_EQ(total({}, {{acme_}}), 1u);
    EXPECT_EQ(total({}, {{other_}}), 0u);
    EXPECT_EQ(total({}, std::vector<OrgId>{}, ada_), 1u) << "one's own";
}

}  // namespace
}  // namespace godwit::session
