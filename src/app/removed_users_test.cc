// A removed user is nowhere: no call shows it or what it had, and nothing of it is taken any more.
#include "app/foreign_calls_test_fixture.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::app {
namespace {

namespace pb = google::protobuf;
namespace mgmt = zitadel::management::v1;
namespace v2 = zitadel::session::v2;

constexpr int kOk = 0, kNotFound = 5, kUnauthenticated = 16;

class RemovedUsersTest : public TenantsTest {
protected:
    void SetUp() override {
        TenantsTest::SetUp();
        tenant_ = plant(one_, "one.example", "gone");
        owner_ = make_caller(tenant_, "owner", {{member::Place::instance(), "IAM_OWNER"}});
    }
    const pb::MethodDescriptor& method(std::string_view name) {
        for (const auto* found : registry_.methods())
            if (found->full_name() == name) return *found;
        std::abort();
    }
    void remove(const std::string& id) {
        mgmt::RemoveUserRequest request;
        request.set_id(id);
        EXPECT_EQ(call(owner_, method("zitadel.management.v1.ManagementService.RemoveUser"), request).code, kOk);
    }
    v2::ListSessionsResponse sessions() {
        const Answer answer = call(owner_, method("zitadel.session.v2.SessionService.ListSessions"), v2::ListSessionsRequest());
        EXPECT_EQ(answer.code, kOk) << answer.body;
        v2::ListSessionsResponse response;
        EXPECT_TRUE(response.ParseFromString(answer.body.substr(rpc::grpc::kFrameHeader)));
        return response;
    }

    Tenant tenant_;
    Caller owner_;
};
GODWIT_ON_BOTH_ENGINES(RemovedUsersTest);

TEST_P(RemovedUsersTest, HaveNoSessions) {
    const Tenant other = plant(one_, "one.example", "stays");
    ASSERT_EQ(sessions().details().total_result(), 2u);
    remove(tenant_.human_id);
    const auto left = sessions();
    EXPECT_EQ(left.details().total_result(), 1u);
    ASSERT_EQ(left.sessions_size(), 1);
    EXPECT_EQ(left.sessions(0).id(), other.session_id);
    v2::GetSessionRequest request;
    request.set_session_id(tenant_.session_id);
    for (const std::string& token : {std::string(), tenant_.session_token}) {
        request.set_session_token(token);
        EXPECT_NE(call(owner_, method("zitadel.session.v2.SessionService.GetSession"), request).code, kOk);
    }
}

TEST_P(RemovedUsersTest, AreInNoAnswer) {
    const Caller robot{"robot", tenant_.host, tenant_.machine_id, tenant_.pat, tenant_.machine};
    const auto& me = method("zitadel.auth.v1.AuthService.GetMyUser");
    ASSERT_EQ(call(robot, me, *new_request(me)).code, kOk);
    remove(tenant_.human_id);
    remove(tenant_.machine_id);
    EXPECT_EQ(call(robot, me, *new_request(me)).code, kUnauthenticated);

    for (const auto* each : registry_.methods()) {
        const bool reads = each->name().starts_with("Get") || each->name().starts_with("List");
        if (!reads) continue;
        for (const auto& path : foreign::paths_of(*each)) {
            const std::string value = *foreign::value_of(tenant_, *each, *path.back());
            const std::string marker = value == tenant_.machine_id ? "Machine-gone" : "First-gone";
            if (value != tenant_.human_id && value != tenant_.machine_id && value != tenant_.login_name) continue;
            SCOPED_TRACE(each->full_name() + " of a removed user's " + foreign::text_of(path));
            const auto message = foreign::own_request(tenant_, *each);
            foreign::put(*message, *each, tenant_, path, value);
            const Answer answer = call(owner_, *each, *message);
            EXPECT_TRUE(answer.code == kNotFound || (each->name().starts_with("List") && answer.code == kOk)) << answer.code << answer.body;
            for (const std::string& hidden : {marker, tenant_.email, tenant_.pat_id, tenant_.machine_key, tenant_.session_id})
                EXPECT_EQ(answer.body.find(hidden), std::string::npos) << "shows " << hidden;
        }
    }
    const auto memberships = services_->members.memberships_of(one_, tenant_.machine);
    ASSERT_TRUE(memberships);
    EXPECT_TRUE((*memberships)->empty());
}

}  // namespace
}  // namespace godwit::app
