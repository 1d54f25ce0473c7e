#include "app/throttle.h"

#include <gtest/gtest.h>

namespace godwit::app {
namespace {

using http::Toll;

class ThrottleTest : public ::testing::Test {
protected:
    /// Only what `set` names is limited, to three at once.
    template <class Set>
    void make(Set set) {
        config::RateLimits limits{.exempt = {"10.0.0.0/8"}, .buckets = 1'024};
        limits.address_requests = limits.address_authorize = limits.address_passwords = limits.address_refused = {};
        limits.account_requests = limits.account_writes = limits.account_passwords = {};
        set(limits) = {.per_second = 1, .burst = 3};
        auto made = Throttle::make(limits, [](const http::Refusal& refusal, const http::Request& request) {
            return http::text_response(refusal.status, "slow down, " + request.client_address);
        });
        ASSERT_TRUE(made) << made.error().message;
        throttle_ = *std::move(made);
    }

    http::Response ask(std::string_view address, Toll toll = Toll::none, int status = 200, std::string_view grpc_status = "") {
        http::Request request;
        request.client_address = address;
        const auto route = throttle_->apply(request, {.lane = Lane::read, .toll = toll, .handle = [&](http::Request&) {
                                                          auto response = http::text_response(status, "");
                                                          if (!grpc_status.empty()) response.headers.set("grpc-status", grpc_status);
                                                          return response;
                                                      }});
        return route.handle(request);
    }
    /// How many of ten in a row are let through.
    int passed(std::string_view address, Toll toll = Toll::none, int status = 200, std::string_view grpc_status = "") {
        int count = 0;
        for (int i = 0; i < 10; ++i) count += ask(address, toll, status, grpc_status).status != 429;
        return count;
    }

    std::unique_ptr<Throttle> throttle_;
};

TEST_F(ThrottleTest, RefusesWithATimeToWait) {
    make([](auto& limits) -> auto& { return limits.address_requests; });
    EXPECT_EQ(passed("192.0.2.1"), 3);
    const auto refused = ask("192.0.2.1");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.headers.get("retry-after"), "1");
    EXPECT_EQ(std::get<std::string>(refused.body), "slow down, 192.0.2.1");
    EXPECT_EQ(throttle_->refused()[static_cast<std::size_t>(Throttle::Kind::address_requests)], 8u);
}

TEST_F(ThrottleTest, CountsByAddressAndByNetworkOfIpv6) {
    make([](auto& limits) -> auto& { return limits.address_requests; });
    const struct {
        std::string_view address;
        int passed;
    } rows[] = {
        {"192.0.2.1", 3},       {"192.0.2.2", 3},   {"2001:db8:0:1::1", 3},  {"2001:db8:0:1:ffff::2", 0},
        {"2001:db8:0:2::1", 3}, {"10.200.3.4", 10}, {"::ffff:192.0.2.1", 0},
    };
    for (const auto& row : rows) EXPECT_EQ(passed(row.address), row.passed) << row.address;
}

TEST_F(ThrottleTest, EachKindOfRequestHasItsOwnLimit) {
    make([](auto& limits) -> auto& { return limits.address_authorize; });
    EXPECT_EQ(passed("192.0.2.1", Toll::password), 10);
    EXPECT_EQ(passed("192.0.2.1", Toll::authorize), 3);
    make([](auto& limits) -> auto& { return limits.address_passwords; });
    EXPECT_EQ(passed("192.0.2.1", Toll::authorize), 10);
    EXPECT_EQ(passed("192.0.2.1", Toll::password), 3);
}

TEST_F(ThrottleTest, SecretsAndTokensCountWhenTheyAreRefused) {
    const struct {
        Toll toll;
        int status;
        std::string_view grpc_status;
        int passed;
    } rows[] = {
        {Toll::secret, 200, "", 10}, {Toll::secret, 401, "", 3},  {Toll::secret, 400, "", 3},
        {Toll::secret, 503, "", 10}, {Toll::token, 401, "", 3},   {Toll::token, 400, "", 10},
        {Toll::token, 200, "16", 3}, {Toll::token, 200, "5", 10}, {Toll::none, 401, "", 10},
    };
    for (const auto& row : rows) {
        make([](auto& limits) -> auto& { return limits.address_refused; });
        EXPECT_EQ(passed("192.0.2.1", row.toll, row.status, row.grpc_status), row.passed) << row.status << " " << row.grpc_status;
    }
    // Who used up the refusals does not get in with the right secret either, until one comes back.
    EXPECT_EQ(ask("192.0.2.9", Toll::secret).status, 200);
    make([](auto& limits) -> auto& { return limits.address_refused; });
    EXPECT_EQ(passed("192.0.2.9", Toll::secret, 401), 3);
    EXPECT_EQ(ask("192.0.2.9", Toll::secret).status, 429);
    EXPECT_EQ(ask("192.0.2.8", Toll::secret).status, 200);
}

TEST_F(ThrottleTest, CountsAccountsWhereverTheyCallFrom) {
    make([](auto& limits) -> auto& { return limits.account_writes; });
    http::Request first, second, exempt;
    first.client_address = "192.0.2.1";
    second.client_address = "192.0.2.2";
    exempt.client_address = "10.1.1.1";
    rpc::Call call{.instance = InstanceScope::of({1}), .org_id = {}, .caller = {}, .request = &first};
    call.caller.user = UserId(5);
    EXPECT_TRUE(throttle_->count(call, true));
    call.request = &second;
    EXPECT_TRUE(throttle_->count(call, true));
    EXPECT_TRUE(throttle_->count(call, true));
    EXPECT_EQ(throttle_->count(call, true).error().code, Code::resource_exhausted);
    EXPECT_TRUE(throttle_->count(call, false)) << "reading is not writing";
    call.request = &exempt;
    EXPECT_TRUE(throttle_->count(call, true));
    call.request = &first;
    call.caller.user = UserId(6);
    EXPECT_TRUE(throttle_->count(call, true));
    rpc::Call elsewhere{.instance = InstanceScope::of({2}), .org_id = {}, .caller = {}, .request = &first};
    elsewhere.caller.user = UserId(5);
    EXPECT_TRUE(throttle_->count(elsewhere, true));
}

TEST_F(ThrottleTest, SaysWhatIsWrongWithTheConfiguration) {
    const auto problem = [](auto set) {
        config::RateLimits limits;
        set(limits);
        auto made = Throttle::make(limits, {});
        return made ? std::string() : made.error().id;
    };
    EXPECT_EQ(problem([](auto&) {}), "");
    EXPECT_EQ(problem([](auto& limits) { limits.exempt = {"localhost"}; }), "APP-Lim01");
    EXPECT_EQ(problem([](auto& limits) { limits.account_writes.per_second = -1; }), "APP-Lim02");
    EXPECT_EQ(problem([](auto& limits) { limits.buckets = 0; }), "APP-Lim03");
}

}  // namespace
}  // namespace godwit::app
