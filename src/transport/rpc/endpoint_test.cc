// The registry and REST together, over requests made by hand: what callers of the contract may rely on.
#include "transport/rpc/endpoint_fixture.h"

namespace godwit::rpc {
namespace {

using namespace std::string_literals;

TEST_F(EndpointTest, AnswersRestCalls) {
    const auto get = send(request("GET", "/management/v1/users/42"));
    EXPECT_EQ(get.status, 200);
    EXPECT_EQ(get.headers.get("content-type"), "application/json");
    EXPECT_EQ(get.headers.get("cache-control"), "no-store");
    EXPECT_EQ(body(get), R"({"user":{"id":"42","userName":"alice@10"}})");
    EXPECT_EQ(body(send(request("PUT", "/management/v1/users/42/username", R"({"userName":"new","userId":"other"})"))),
              R"({"details":{"resourceOwner":"42=new"}})");
    EXPECT_EQ(body(send(request("GET", "/management/v1/users/_is_unique?userName=free&email=x"))), R"({"isUnique":true})");
    EXPECT_EQ(send(request("POST", "/v2/sessions")).status, 201);
    EXPECT_EQ(permissions_.log, (std::vector<std::string>{"user.read@10", "user.write@10", "user.read@10"}));
}

TEST_F(EndpointTest, AnswersPathsAsRecorded) {
    struct Row {
        std::string method, target;
        int status;
        std::string body;
    };
    const Row rows[] = {
        {"GET", "/management/v1/nope", 404, R"({"code":5,"message":"Not Found"})"},
        {"GET", "/management/v1", 400, R"({"code":3,"message":"Bad Request"})"},
        {"GET", "/management/v1/", 404, R"({"code":5,"message":"Not Found"})"},
        {"GET", "/v2", 404, R"({"code":5,"message":"Not Found"})"},
        {"GET", "/v2/nope", 404, R"({"code":5,"message":"Not Found"})"},
        {"GET", "/management/v1/users/42/", 404, R"({"code":5,"message":"Not Found"})"},
        {"HEAD", "/management/v1/users/42", 405, R"({"code":12,"message":"Method Not Allowed"})"},
        {"DELETE", "/v2/sessions", 405, R"({"code":12,"message":"Method Not Allowed"})"},
        {"PUT", "/management/v1/users/42", 405, R"({"code":12,"message":"Method Not Allowed"})"},
        {"GET", "/management/v1/users/%zz", 400, R"({"code":3,"message":"Bad Request"})"},
        {"GET", "/management/v1/users/%00", 400, R"({"code":3,"message":"invalid GetUserByIDRequest.Id: value must not contain NUL"})"},
        {"GET", "/management/v1/users/", 400,
         R"({"code":3,"message":"invalid GetUserByIDRequest.Id: value length must be between 1 and 200 runes, inclusive"})"},
    };
    for (const auto& row : rows) {
        const auto response = send(request(row.method, row.target));
        EXPECT_EQ(response.status, row.status) << row.target;
        EXPECT_EQ(body(response), row.body) << row.target;
    }
    for (const std::string unclean : {"/management/v1//users///42?a=b", "//management//v1/users/42?a=b"}) {
        const auto moved = send(request("GET", unclean));
        EXPECT_EQ(moved.status, 301) << unclean;
        EXPECT_EQ(moved.headers.get("location"), "/management/v1/users/42?a=b") << unclean;
    }
    for (const std::string other :
         {"/", "/ui/login", "/oauth/v2/token", "/managementx/v1", "/v1/x", "/favicon.ico", "/x.y/z", "//ui//login", "//"}) {
        EXPECT_FALSE(endpoint_->route(request("GET", other))) << other;
    }
}

TEST_F(EndpointTest, ShowsErrorsAsTheReferenceDoes) {
    const auto missing = send(request("GET", "/management/v1/users/nope"));
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(
        body(missing),
        R"json({"code":5,"message":"User could not be found (QUERY-Dfbg2)","details":[{"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"QUERY-Dfbg2","message":"User could not be found"}]})json");
    const auto thrown = send(request("GET", "/management/v1/users/throw"));
    EXPECT_EQ(thrown.status, 500);
    EXPECT_EQ(body(thrown).find("secret detail"), std::string::npos);
    EXPECT_EQ(send(request("PUT", "/management/v1/users/42/username", "{")).status, 400);
}

TEST_F(EndpointTest, WantsACallerAnInstanceAndAnOrganization) {
    auto none = request("GET", "/management/v1/users/42");
    none.headers = {};
    const auto missing = send(std::move(none));
    EXPECT_EQ(missing.status, 401);
    EXPECT_EQ(body(missing), R"({"code":16,"message":"auth header missing"})");
    EXPECT_TRUE(missing.headers.find("www-authenticate"));

    const std::pair<std::string, std::string> tokens[] = {{"bearer alice", "AUTH-toLo1"},
                                                          {"Bearer  alice", "AUTH-7fs1e"},
                                                          {"Basic x", "AUTH-toLo1"},
                                                          {"DPoP alice", "use_dpop_nonce"},
                                                          {"dpop alice", "use_dpop_nonce"}};
    for (const auto& [header, id] : tokens) {
        auto rq = request("GET", "/management/v1/users/42");
        rq.headers.set("authorization", header);
        const auto response = send(std::move(rq));
        EXPECT_EQ(response.status, 401) << header;
        EXPECT_NE(body(response).find(id), std::string::npos) << header;
        const auto challenge = response.headers.get("www-authenticate");
        const bool bound = id == "use_dpop_nonce";
        EXPECT_TRUE(challenge.starts_with(bound ? "DPoP error=\"use_dpop_nonce\"" : "Bearer")) << challenge;
        EXPECT_EQ(challenge.find("error=\"invalid_token\"") != challenge.npos, id == "AUTH-7fs1e") << challenge;
    }

    auto elsewhere = request("GET", "/management/v1/users/42");
    elsewhere.host = "unknown.example.com";
    EXPECT_EQ(send(std::move(elsewhere)).status, 404);
    auto health = request("GET", "/management/v1/healthz");
    health.host = "unknown.example.com";
    health.headers = {};
    EXPECT_EQ(body(send(std::move(health))), "{}");

    auto other_org = request("GET", "/management/v1/users/42");
    other_org.headers.set("x-zitadel-orgid", "11");
    EXPECT_EQ(body(send(std::move(other_org))), R"({"user":{"id":"42","userName":"alice@11"}})");
    auto by_metadata = request("GET", "/management/v1/users/42");
    by_metadata.headers.set("grpc-metadata-x-zitadel-orgid", "11");
    EXPECT_EQ(body(send(std::move(by_metadata))), R"({"user":{"id":"42","userName":"alice@11"}})");
    auto no_org = request("GET", "/management/v1/users/42");
    no_org.headers.set("x-zitadel-orgid", "abc");
    EXPECT_EQ(send(std::move(no_org)).status, 403);
}

TEST_F(EndpointTest, ChecksPermissionsBeforeLimitsAndHandlers) {
    permissions_.granted = "project.read@10:p1";
    EXPECT_EQ(send(request("GET", "/management/v1/projects/p1")).status, 200);
    const auto other = send(request("GET", "/management/v1/projects/p2"));
    EXPECT_EQ(other.status, 403);
    EXPECT_NE(body(other).find("AUTH-5mWD2"), std::string::npos);
    EXPECT_EQ(send(request("GET", "/management/v1/users/nope")).status, 403);
    EXPECT_EQ(send(request("GET", "/management/v1/users/")).status, 403) << "the limit on the id comes after the permission";
}

TEST_F(EndpointTest, TakesTheOrganizationFromTheFieldTheContractNames) {
    const std::string rest = R"("profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@example.com"}})";
    EXPECT_EQ(body(send(request("POST", "/v2/users/human", R"({"organization":{"orgId":"11"},)" + rest))), R"({"userId":"11"})");
    EXPECT_EQ(body(send(request("POST", "/v2/users/human", R"({"organization":{"orgDomain":"eleven.example"},)" + rest))),
              R"({"userId":"11"})");
    EXPECT_EQ(body(send(request("POST", "/v2/users/human", "{" + rest))), R"({"userId":"10"})");
    EXPECT_EQ(send(request("POST", "/v2/users/human", R"({"organization":{"orgId":"12"},)" + rest)).status, 403);
    EXPECT_EQ(permissions_.log, (std::vector<std::string>{"user.write@11", "user.write@11", "user.write@10"}));
}

TEST_F(EndpointTest, HandsStreamsOverUnread) {
    auto rq = request("POST", "/admin/v1/import");
    const auto route = endpoint_->route(rq);
    ASSERT_TRUE(route);
    EXPECT_TRUE(route->stream_body);
    EXPECT_EQ(route->lane, Lane::bulk);
    EXPECT_EQ(route->max_body_bytes, 1ull << 32);
    rq.stream = std::make_unique<FixedStream>(std::vector<std::string>{"one ", "two"});
    EXPECT_EQ(body(route->handle(rq)), R"({"errors":[{"message":"one two"}]})");

    permissions_.granted = "";
    auto denied = request("POST", "/admin/v1/import");
    denied.stream = std::make_unique<FixedStream>(std::vector<std::string>{});
    EXPECT_EQ(send(std::move(denied)).status, 403);
}

TEST_F(EndpointTest, LetsPagesOfOtherOriginsCall) {
    auto preflight = request("OPTIONS", "/management/v1/users/42");
    preflight.headers = {};
    preflight.headers.set("origin", "https://app.example.com");
    preflight.headers.set("access-control-request-method", "GET");
    preflight.headers.set("access-control-request-headers", "authorization, x-zitadel-orgid");
    const auto allowed = send(std::move(preflight));
    EXPECT_EQ(allowed.status, 204);
    EXPECT_EQ(allowed.headers.get("access-control-allow-headers"), "authorization, x-zitadel-orgid");
    for (const std::string path : {"/management/v1/users/42", "/management/v1/users/nope", "/management/v1/nope"}) {
        auto simple = request("GET", path);
        simple.headers.set("origin", "https://app.example.com");
        EXPECT_EQ(send(std::move(simple)).headers.get("access-control-allow-origin"), "https://app.example.com") << path;
    }
    EXPECT_EQ(send(request("OPTIONS", "/management/v1/users/42")).status, 405);
}

TEST_F(EndpointTest, ListsWhatIsServedAndWhatIsNot) {
    std::vector<std::string> names;
    for (const auto* method : registry_.methods()) names.push_back(method->name());
    EXPECT_EQ(names.size(), 8u);
    const auto unserved = registry_.unserved();
    EXPECT_NE(std::find(unserved.begin(), unserved.end(), "zitadel.admin.v1.AdminService/Healthz"), unserved.end());
    EXPECT_EQ(std::find(unserved.begin(), unserved.end(), "zitadel.admin.v1.AdminService/ImportData"), unserved.end());
}

TEST(RegistryDeathTest, RefusesMistakesAtStart) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto health = [](const Call&, const mgmt::HealthzRequest&, mgmt::HealthzResponse&) -> Result<void> { return {}; };
    const auto create = [](const Call&, const session::CreateSessionRequest&, session::CreateSessionResponse&) -> Result<void> {
        return {};
    };
    const auto get_user = [](const Call&, const mgmt::GetUserByIDRequest&, mgmt::GetUserByIDResponse&) -> Result<void> { return {}; };
    const std::string management = "zitadel.management.v1.ManagementService/",
                      create_session = "zitadel.session.v2.SessionService/CreateSession";
    EXPECT_DEATH(Registry().on(management + "Nope", {.lane = Lane::read, .rule = Rule::anyone()}, health), "proto/ does not declare it");
    EXPECT_DEATH(Registry().on(management + "GetMyOrg", {.lane = Lane::read}, health), "it takes zitadel.management.v1.GetMyOrgRequest");
    EXPECT_DEATH(Registry().on(management + "Healthz", {.lane = Lane::read}, health), "must name a Rule");
    EXPECT_DEATH(Registry().on(create_session, {.lane = Lane::read}, create), "must name a Rule");
    EXPECT_DEATH(Registry().on(create_session, {.lane = Lane::read, .rule = Rule::anyone()}, create), "cannot be public");
    EXPECT_DEATH(Registry().on(create_session, {.lane = Lane::read, .rule = Rule::handler({.permission = "session.write"}, "")}, create),
                 "must say what the handler checks");
    EXPECT_DEATH(Registry().on(management + "GetUserByID", {.lane = Lane::read, .rule = Rule::anyone()}, get_user), "cannot be public");
    EXPECT_DEATH(Registry().on(management + "GetUserByID", {.lane = Lane::read, .rule = Rule::caller()}, get_user), "must be contract");
    EXPECT_DEATH(
        {
            Registry registry;
            registry.on(management + "GetUserByID", {.lane = Lane::read}, get_user);
            registry.on(management + "GetUserByID", {.lane = Lane::read}, get_user);
        },
        "it has a handler already");
}

TEST(Refusal, SpeaksTheClientsProtocol) {
    http::Request rq;
    const http::Refusal refusal{.status = 413, .message = "the body is too large"};
    EXPECT_EQ(refusal_response(refusal, nullptr).status, 413);
    EXPECT_EQ(refusal_response(refusal, &rq).status, 413);
    rq.path = "/zitadel.management.v1.ManagementService/GetUserByID";
    rq.headers.set("content-type", "application/json");
    EXPECT_EQ(std::get<std::string>(refusal_response(refusal, &rq).body),
              R"({"code":"resource_exhausted","message":"the body is too large"})");
    rq.headers.set("content-type", "application/grpc");
    const auto response = refusal_response(refusal, &rq);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("grpc-status"), "8");
    rq.headers.set("content-type", "application/grpc-web");
    EXPECT_NE(std::get<std::string>(refusal_response(refusal, &rq).body).find("grpc-status: 8"), std::string::npos);
}

TEST(Errors, MapToHttp) {
    const std::pair<Code, int> rows[] = {
        {Code::cancelled, 499},
        {Code::unknown, 500},
        {Code::invalid_argument, 400},
        {Code::deadline_exceeded, 504},
        {Code::not_found, 404},
        {Code::already_exists, 409},
        {Code::permission_denied, 403},
        {Code::resource_exhausted, 429},
        {Code::failed_precondition, 400},
        {Code::aborted, 409},
        {Code::out_of_range, 400},
        {Code::unimplemented, 501},
        {Code::internal, 500},
        {Code::unavailable, 503},
        {Code::data_loss, 500},
        {Code::unauthenticated, 401},
    };
    for (const auto& [code, status] : rows) EXPECT_EQ(http_status(code), status) << static_cast<int>(code);
    EXPECT_EQ(error_response({Code::unavailable, "", "busy"}).headers.get("retry-after"), "1");
}

}  // namespace
}  // namespace godwit::rpc
