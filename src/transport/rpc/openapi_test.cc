#include "transport/rpc/openapi.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "transport/rpc/registry.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;
namespace session = zitadel::session::v2;

template <class Request, class Response>
void serve(Registry& registry, std::string_view method, Options options = {.lane = Lane::read}) {
    registry.on(method, std::move(options), [](const Call&, const Request&, Response&) -> Result<void> { return {}; });
}

class OpenApiTest : public testing::Test {
protected:
    OpenApiTest() {
        const std::string management = "zitadel.management.v1.ManagementService/", sessions = "zitadel.session.v2.SessionService/";
        serve<mgmt::HealthzRequest, mgmt::HealthzResponse>(registry_, management + "Healthz",
                                                           {.lane = Lane::read, .rule = Rule::anyone(), .any_host = true});
        serve<mgmt::IsUserUniqueRequest, mgmt::IsUserUniqueResponse>(registry_, management + "IsUserUnique");
        serve<mgmt::GetUserByIDRequest, mgmt::GetUserByIDResponse>(registry_, management + "GetUserByID");
        serve<mgmt::UpdateUserNameRequest, mgmt::UpdateUserNameResponse>(registry_, management + "UpdateUserName");
        serve<session::CreateSessionRequest, session::CreateSessionResponse>(
            registry_, sessions + "CreateSession",
            {.lane = Lane::read, .rule = Rule::handler({.permission = "user.read"}, "a right on the user")});
        openapi_ = std::make_unique<OpenApi>(registry_, "1.2.3");
    }

    http::Response get(std::string_view if_none_match = {}) const {
        http::Request request;
        request.method = "GET";
        request.path = "/openapi.json";
        if (!if_none_match.empty()) request.headers.set("if-none-match", if_none_match);
        return openapi_->route(request)->handle(request);
    }

    /// The text at a JSON pointer of the document, "" when there is nothing.
    std::string at(const std::string& pointer) {
        simdjson::dom::element document, found;
        const auto response = get();
        if (parser_.parse(std::get<std::string>(response.body)).get(document) != simdjson::SUCCESS) return "not JSON";
        if (document.at_pointer(pointer).get(found) != simdjson::SUCCESS) return "";
        return simdjson::minify(found);
    }

    Registry registry_;
    std::unique_ptr<OpenApi> openapi_;
    simdjson::dom::parser parser_;
};

TEST_F(OpenApiTest, DescribesEachCall) {
    const std::string name = "/paths/~1management~1v1~1users~1{userId}~1username/put",
                      unique = "/paths/~1management~1v1~1users~1_is_unique/get";
    const std::pair<std::string, std::string> rows[] = {
        {"/openapi", R"("3.1.0")"},
        {"/info/version", R"("1.2.3")"},
        {name + "/operationId", R"("zitadel.management.v1.ManagementService.UpdateUserName")"},
        {name + "/tags", R"(["zitadel.management.v1.ManagementService"])"},
        {name + "/description", R"("Needs the permission user.write.")"},
        {name + "/security", ""},
        {name + "/parameters/0",
         R"({"name":"userId","in":"path","required":true,"schema":{"type":"string","minLength":1,"maxLength":200}})"},
        {name + "/parameters/1/$ref", R"("#/components/parameters/Organization")"},
        {name + "/requestBody/required", "true"},
        {name + "/requestBody/content/application~1json/schema/required", R"(["userName"])"},
        {name + "/responses/200/content/application~1json/schema/$ref",
         R"("#/components/schemas/zitadel.management.v1.UpdateUserNameResponse")"},
        {name + "/responses/default/$ref", R"("#/components/responses/Error")"},
        {unique + "/parameters/0/name", R"("userName")"},
        {unique + "/parameters/0/in", R"("query")"},
        {unique + "/requestBody", ""},
        {"/paths/~1management~1v1~1healthz/get/security", "[]"},
        {"/paths/~1v2~1sessions/post/description", R"("Any valid token, and: a right on the user.")"},
        {"/paths/~1v2~1sessions/post/responses/201/description", R"("Done.")"},
        {"/paths/~1v2~1sessions/post/parameters", ""},
        {"/components/schemas/Error/required", R"(["code","message"])"},
    };
    for (const auto& [pointer, expected] : rows) EXPECT_EQ(at(pointer), expected) << pointer;
}

TEST_F(OpenApiTest, LetsClientsKeepIt) {
    const auto first = get();
    const std::string etag(first.headers.get("etag"));
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.headers.get("content-type"), "application/json");
    const std::pair<std::string, int> rows[] = {{etag, 304}, {"\"x\", W/" + etag, 304}, {"*", 304}, {"\"other\"", 200},
                                                {"", 200},   {etag.substr(1), 200}};
    for (const auto& [asked, status] : rows) {
        const auto response = get(asked);
        EXPECT_EQ(response.status, status) << asked;
        EXPECT_EQ(response.headers.get("etag"), etag) << asked;
    }
    EXPECT_EQ(std::get<std::string>(OpenApiTest::get(etag).body), "");
}

TEST_F(OpenApiTest, LeavesOtherRequestsAlone) {
    for (const auto& [method, path] : {std::pair{"POST", "/openapi.json"}, {"GET", "/openapi"}, {"GET", "/"}}) {
        http::Request request;
        request.method = method;
        request.path = path;
        EXPECT_FALSE(openapi_->route(request)) << method << " " << path;
    }
}

}  // namespace
}  // namespace godwit::rpc
