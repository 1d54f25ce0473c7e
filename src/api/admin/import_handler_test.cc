// The two doors of the import: a streamed REST body, and a gRPC message.
#include <gmock/gmock.h>

#include <deque>

#include "api/admin/import_test_fixture.h"
#include "transport/rpc/registry.h"

namespace godwit::api {
namespace {

/// The door itself: who may come in is tested in transport/rpc.
class Open final : public rpc::Instances, public rpc::Authenticator, public rpc::Permissions {
public:
    std::optional<InstanceScope> find_by_host(std::string_view) override { return InstanceScope::of({1}); }
    Result<rpc::Caller> authenticate(InstanceScope, const http::ShownToken&, const http::Request*) override {
        rpc::Caller caller;
        caller.user = UserId(7);
        return caller;
    }
    Result<OrgId> resolve_org(InstanceScope, const rpc::Caller&, std::string_view) override { return OrgId(1); }
    Result<void> check(InstanceScope, const rpc::Caller&, std::string_view permission, OrgId, std::string_view) override {
        EXPECT_EQ(permission, "iam.write");
        return {};
    }
};

/// The pieces, then the end or the error.
class Pieces final : public http::BodyStream {
public:
    Pieces(std::deque<std::string> pieces, std::optional<Error> error) : pieces_(std::move(pieces)), error_(std::move(error)) {}
    Result<std::string> read() override {
        if (pieces_.empty()) return error_ ? Result<std::string>(fail(*error_)) : Result<std::string>("");
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        return piece;
    }

private:
    std::deque<std::string> pieces_;
    std::optional<Error> error_;
};

constexpr std::string_view kFile =
    R"({"timeout":"1m","dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"Imported"},"humanUsers":[{"userId":"u1","user":{"userName":"ada","profile":{"firstName":"A","lastName":"L"},"email":{"email":"ada@example.com"}}}]}]}})";

class ImportHandlerTest : public ImportStoreTest {
protected:
    void SetUp() override {
        ImportStoreTest::SetUp();
        register_import(registry_, services_, {.body_bytes = 4096, .spool_directory = directory() + "/spool"});
    }
    http::Response post(std::deque<std::string> pieces, std::optional<Error> error = {}) {
        http::Request request;
        request.method = "POST";
        request.path = "/admin/v1/import";
        request.host = "localhost";
        request.headers.set("authorization", "Bearer t");
        request.stream = std::make_unique<Pieces>(std::move(pieces), std::move(error));
        const auto route = rpc::Endpoint(registry_, open_, open_, open_).route(request);
        EXPECT_TRUE(route && route->stream_body);
        return answer(request);
    }
    http::Response answer(http::Request& request) {
        const rpc::Endpoint endpoint(registry_, open_, open_, open_);
        return endpoint.route(request)->handle(request);
    }

    Open open_;
    rpc::Registry registry_;
};
GODWIT_ON_BOTH_ENGINES(ImportHandlerTest);

TEST_P(ImportHandlerTest, TakesABodyInPieces) {
    const auto response = post({std::string(kFile.substr(0, 10)), std::string(kFile.substr(10))});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::get<std::string>(response.body), R"({"success":{"orgs":[{"orgId":"o1","humanUserIds":["u1"]}]}})");
}

TEST_P(ImportHandlerTest, ImportsNothingOfABodyThatDoesNotEnd) {
    // All of the document is there, but the client left before it said so.
    const auto response = post({std::string(kFile)}, Error{Code::cancelled, "", "the client left"});
    EXPECT_GE(response.status, 400);
    EXPECT_LT(response.status, 500);
    EXPECT_FALSE(*orgs_.find(scope(), "o1"));
    EXPECT_EQ(users(), 0);
}

TEST_P(ImportHandlerTest, RefusesABodyOverTheLimit) {
    const auto response = post({std::string(4000, ' '), std::string(200, ' ')});
    EXPECT_GE(response.status, 400);
    EXPECT_THAT(std::get<std::string>(response.body), ::testing::HasSubstr("4096 bytes"));
}

TEST_P(ImportHandlerTest, TakesAMessageOfGrpc) {
    zitadel::admin::v1::ImportDataRequest message;
    message.set_timeout("1m");
    auto& org = *message.mutable_data_orgs()->add_orgs();
    org.set_org_id("o1");
    org.mutable_org()->set_name("Imported");
    auto& user = *org.add_human_users();
    user.set_user_id("u1");
    user.mutable_user()->set_user_name("ada");
    user.mutable_user()->mutable_profile()->set_first_name("A");
    user.mutable_user()->mutable_profile()->set_last_name("L");
    user.mutable_user()->mutable_email()->set_email("ada@example.com");

    http::Request request;
    request.method = "POST";
    request.path = "/zitadel.admin.v1.AdminService/ImportData";
    request.host = "localhost";
    request.version = http::Version::http2;
    request.headers.set("authorization", "Bearer t");
    request.headers.set("content-type", "application/grpc");
    request.headers.set("te", "trailers");
    const std::string bytes = message.SerializeAsString();
    request.body = std::string("\0\0\0\0", 4) + static_cast<char>(bytes.size()) + bytes;
    const auto response = answer(request);
    EXPECT_EQ(response.trailers.get("grpc-status"), "0") << response.trailers.get("grpc-message");
    EXPECT_EQ(this->user("u1")->name, "ada");
}

}  // namespace
}  // namespace godwit::api
