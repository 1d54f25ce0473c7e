#include "transport/rpc/idempotency.h"

#include <gtest/gtest.h>

#include <map>

#include "transport/rpc/errors.h"
#include "transport/rpc/method.h"
#include "zitadel/management.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;

/// Keeps what is final, in memory.
class Keeper final : public Idempotency {
public:
    Result<std::string> once(const KeyedCall& call, const std::function<Outcome()>& work) override {
        const auto name = std::to_string(call.caller.key) + "/" + call.key;
        if (const auto found = kept_.find(name); found != kept_.end()) {
            prints.push_back(TRY(call.request_sha256()));
            return found->second;
        }
        auto outcome = work();
        prints.push_back(TRY(call.request_sha256()));
        if (outcome.final) kept_[name] = outcome.bytes;
        return outcome.bytes;
    }
    std::vector<std::string> prints;

private:
    std::map<std::string, std::string> kept_;
};

class FixedBody final : public http::BodyStream {
public:
    explicit FixedBody(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
    Result<std::string> read() override { return next_ < pieces_.size() ? pieces_[next_++] : std::string(); }

private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
};

class IdempotencyTest : public ::testing::Test {
protected:
    IdempotencyTest() {
        method_.options.lane = method_.stream_options.lane = Lane::write;
        method_.handler = [this](const Call&, const google::protobuf::Message&, google::protobuf::Message& response) -> Result<void> {
            ++runs_;
            if (failure_) return fail(*failure_);
            static_cast<mgmt::UpdateUserNameResponse&>(response).mutable_details()->set_resource_owner("run " + std::to_string(runs_));
            return {};
        };
        method_.streamed = [this](const Call&, const google::protobuf::Message&, http::BodyStream& body,
                                  google::protobuf::Message& response) -> Result<void> {
            ++runs_;
            std::string all;
            for (std::string piece = TRY(body.read()); !piece.empty(); piece = TRY(body.read())) all += piece;
            static_cast<mgmt::UpdateUserNameResponse&>(response).mutable_details()->set_resource_owner(all);
            return {};
        };
        call_.caller.user = UserId(5);
        call_.request = &http_;
        request_.set_user_name("ann");
    }

    /// The answer as a line of text.
    std::string run() {
        return shown([&](auto& response) { return run_once(&keeper_, method_, call_, request_, response); });
    }
    std::string run_stream(std::vector<std::string> pieces) {
        FixedBody body(std::move(pieces));
        return shown([&](auto& response) { return run_stream_once(&keeper_, method_, call_, request_, body, response); });
    }
    template <class Run>
    std::string shown(Run go) {
        mgmt::UpdateUserNameResponse response;
        const Result<void> outcome = go(response);
        if (outcome) return response.details().resource_owner();
        const Error& e = outcome.error();
        return std::to_string(static_cast<int>(e.code)) + " " + e.id + " " + e.message + " " +
               std::to_string(e.failed_attempts.value_or(99));
    }
    void set_key(std::string_view key) { http_.headers.set("idempotency-key", key); }

    Keeper keeper_;
    Method method_ = read_declaration("zitadel.management.v1.ManagementService/UpdateUserName");
    http::Request http_;
    Call call_{.instance = InstanceScope::of({1}), .org_id = OrgId(10), .caller = {}, .request = nullptr};
    mgmt::UpdateUserNameRequest request_;
    std::optional<Error> failure_;
    int runs_ = 0;
};

TEST_F(IdempotencyTest, ARepeatedCallIsAnsweredAgain) {
    EXPECT_EQ(run(), "run 1");
    EXPECT_EQ(run(), "run 2") << "without a key nothing is remembered";
    set_key("k-1");
    EXPECT_EQ(run(), "run 3");
    EXPECT_EQ(run(), "run 3");
    set_key("k-2");
    EXPECT_EQ(run(), "run 4");
    http_.headers.remove("idempotency-key");
    http_.headers.set("grpc-metadata-idempotency-key", "k-2");
    EXPECT_EQ(run(), "run 4") << "as the gateway passes metadata on";
}

TEST_F(IdempotencyTest, AnErrorIsAnAnswerWhenItWouldBeTheSameAgain) {
    set_key("final");
    failure_ = Error{.code = Code::invalid_argument, .id = "TEST-1", .message = "two\nlines", .failed_attempts = 3};
    EXPECT_EQ(run(), "3 TEST-1 two\nlines 3");
    failure_.reset();
    EXPECT_EQ(run(), "3 TEST-1 two\nlines 3");
    set_key("bare");
    failure_ = Error{.code = Code::not_found, .id = "", .message = ""};
    EXPECT_EQ(run(), "5   99");
    EXPECT_EQ(run(), "5   99");
    EXPECT_EQ(runs_, 2);
    set_key("passing");
    failure_ = Error{.code = Code::unavailable, .id = "STORE-busy", .message = "later"};
    EXPECT_EQ(run(), "14 STORE-busy later 99");
    failure_.reset();
    EXPECT_EQ(run(), "run 4");
}

TEST_F(IdempotencyTest, AKeyIsOneToTwoHundredFiftyFiveVisibleCharacters) {
    for (const std::string& good : {std::string("x"), std::string(255, 'k'), std::string("\"8e03978e-40d5-43dd\"")}) {
        set_key(good);
        const std::string answer = run();
        EXPECT_EQ(answer, "run " + std::to_string(runs_)) << good;
    }
    for (const std::string& bad :
         {std::string(), std::string(256, 'k'), std::string("two words"), std::string("tab\t"), std::string("ä")}) {
        set_key(bad);
        EXPECT_TRUE(run().starts_with("3 IDEM-Key01")) << bad;
    }
    set_key("one");
    http_.headers.add("idempotency-key", "two");
    EXPECT_TRUE(run().starts_with("3 IDEM-Key01"));
    EXPECT_EQ(runs_, 3);
}

TEST_F(IdempotencyTest, ReadsAndCallsOfNobodyNeedNone) {
    set_key("not even valid");
    method_.options.lane = Lane::read;
    EXPECT_EQ(run(), "run 1");
    method_.options.lane = Lane::write;
    call_.caller.user = UserId();
    EXPECT_EQ(run(), "run 2");
    EXPECT_TRUE(keeper_.prints.empty());
}

TEST_F(IdempotencyTest, TheFingerprintIsOfMethodOrganizationAndRequest) {
    set_key("k");
    const auto print = [&] {
        run();
        return keeper_.prints.back();
    };
    const auto first = print();
    EXPECT_EQ(first.size(), 32u);
    EXPECT_EQ(print(), first);
    request_.set_user_name("bob");
    EXPECT_NE(print(), first);
    request_.set_user_name("ann");
    call_.org_id = OrgId(11);
    EXPECT_NE(print(), first);
    call_.org_id = OrgId(10);
    method_.name = "zitadel.management.v1.ManagementService/Other";
    EXPECT_NE(print(), first);
}

TEST_F(IdempotencyTest, ABodyThatIsReadAsAStreamHasItsFingerprintToo) {
    EXPECT_EQ(run_stream({"no ", "key"}), "no key");
    set_key("s");
    EXPECT_EQ(run_stream({"ab", "c"}), "abc");
    EXPECT_EQ(run_stream({"a", "b", "c"}), "abc");
    EXPECT_EQ(run_stream({"abd"}), "abc") << "this keeper does not compare";
    EXPECT_EQ(runs_, 2);
    ASSERT_EQ(keeper_.prints.size(), 3u);
    EXPECT_EQ(keeper_.prints[0], keeper_.prints[1]) << "however it was cut in pieces";
    EXPECT_NE(keeper_.prints[0], keeper_.prints[2]);
}

TEST_F(IdempotencyTest, WhoWritesBeforeTheBodyIsReadGetsNoFingerprint) {
    set_key("s");
    const KeyedCall* seen = nullptr;
    class Peek final : public Idempotency {
    public:
        Result<std::string> once(const KeyedCall& call, const std::function<Outcome()>& work) override {
            now = &call;
            return work().bytes;
        }
        const KeyedCall* now = nullptr;
    } peek;
    std::string problem;
    method_.streamed = [&](const Call&, const google::protobuf::Message&, http::BodyStream& body,
                           google::protobuf::Message&) -> Result<void> {
        TRY(body.read());
        seen = peek.now;
        problem = seen->request_sha256().error().id;
        return {};
    };
    FixedBody body({"a", "b"});
    mgmt::UpdateUserNameResponse response;
    EXPECT_TRUE(run_stream_once(&peek, method_, call_, request_, body, response));
    EXPECT_EQ(problem, "RPC-Str3b");
}

TEST_F(IdempotencyTest, RefusalsHaveTheStatusesOfTheDraft) {
    const struct {
        Error error;
        int status;
        std::string_view retry_after;
    } rows[] = {
        {{Code::failed_precondition, std::string(kOtherRequest), "other"}, 422, ""},
        {{Code::aborted, std::string(kStillRunning), "running"}, 409, "1"},
        {{Code::already_exists, std::string(kOutcomeLost), "lost"}, 409, ""},
        {{Code::invalid_argument, "IDEM-Key01", "key"}, 400, ""},
    };
    for (const auto& row : rows) {
        const auto response = error_response(row.error);
        EXPECT_EQ(response.status, row.status) << row.error.id;
        EXPECT_EQ(response.headers.get("retry-after"), row.retry_after) << row.error.id;
    }
}

}  // namespace
}  // namespace godwit::rpc
