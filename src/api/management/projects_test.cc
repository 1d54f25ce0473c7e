#include "api/management/projects.h"

#include <gmock/gmock.h>

#include "directory/member/members.h"
#include "directory/member/permissions.h"
#include "directory/project/projects.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::api {
namespace {

using ::testing::HasSubstr;

/// One instance; whoever calls is the user of the token, a member of the first organization.
class Front final : public rpc::Instances, public rpc::Authenticator {
public:
    Front(InstanceScope scope, OrgId home) : scope_(scope), home_(home) {}
    std::optional<InstanceScope> find_by_host(std::string_view) override { return scope_; }
    Result<rpc::Caller> authenticate(InstanceScope, const http::ShownToken&, const http::Request*) override {
        rpc::Caller caller;
        caller.user = user;
        caller.org = home_;
        return caller;
    }
    UserId user;

private:
    InstanceScope scope_;
    OrgId home_;
};

class ProjectsTest : public user::UserStoreTest {
protected:
    /// Answers GetProjectByID as `user`, with the organization named in the header unless "".
    http::Response get(UserId user, std::string_view id, const std::string& org = {}) {
        rpc::Registry registry;
        register_projects(registry, store(), projects_, permissions_);
        Front front(scope(), acme_);
        front.user = user;
        http::Request request;
        request.method = "GET";
        request.path = "/management/v1/projects/" + std::string(id);
        request.host = "localhost";
        request.headers.set("authorization", "Bearer t");
        if (!org.empty()) request.headers.set("x-zitadel-orgid", org);
        return rpc::Endpoint(registry, front, front, permissions_).route(request)->handle(request);
    }
    UserId member(std::string name, const member::Place& place, const std::string& role) {
        const UserId id = add(human(std::move(name)));
        EXPECT_TRUE(members_.add(scope(), place, editor_, id, {role}));
        return id;
    }
    project::Project project(const OrgScope& org) { return *projects_.create(org, editor_, {.name = "P"}); }
    static std::string body(const http::Response& response) { return std::get<std::string>(response.body); }

    project::Projects projects_{store()};
    member::Members members_{store()};
    member::Permissions permissions_{store()};
};
GODWIT_ON_BOTH_ENGINES(ProjectsTest);

TEST_P(ProjectsTest, AreReadOnlyByWhoMayWhereTheyBelong) {
    const auto ours = project(acme()), theirs = project(other());
    const UserId owner = member("owner", member::Place::organization(acme_), "ORG_OWNER");
    EXPECT_EQ(get(owner, ours.id).status, 200);
    const auto foreign = get(owner, theirs.id), unknown = get(owner, "unknown");
    EXPECT_EQ(foreign.status, 404);
    EXPECT_THAT(body(foreign), HasSubstr("QUERY-fk2fs"));
    EXPECT_EQ(body(foreign), body(unknown)) << "nothing tells that it exists";
    EXPECT_EQ(get(owner, theirs.id, "other-org").status, 403);

    const UserId everywhere = member("everywhere", member::Place::instance(), "IAM_OWNER");
    EXPECT_EQ(get(everywhere, theirs.id).status, 200) << "as the reference answers";
    EXPECT_EQ(get(everywhere, theirs.id, "other-org").status, 200);

    const UserId helper = member("helper", member::Place::project(theirs.key), "PROJECT_OWNER");
    EXPECT_EQ(get(helper, theirs.id).status, 200) << "a member of the project itself";
    EXPECT_EQ(get(helper, ours.id).status, 403);
}

}  // namespace
}  // namespace godwit::api
