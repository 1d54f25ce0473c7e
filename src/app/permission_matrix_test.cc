// `godwit explain permission` against what the server does: every role of the role table, every registered RPC, about one's own and a
// foreign organization, project and user. Not a sample.
#include <algorithm>

#include "app/explain.h"
#include "app/foreign_calls_test_fixture.h"
#include "directory/member/roles.h"
#include "transport/rpc/registry.h"

namespace godwit::app {
namespace {

namespace pb = google::protobuf;
using member::Place;
using member::ScopeKind;
using rpc::Rule;
using On = rpc::TargetCheck::On;

class PermissionMatrixTest : public TenantsTest {
protected:
    struct Target {
        std::string id;  ///< as asked of explain
        const Tenant* of;
        std::string project;  ///< for the field that the contract checks
    };
    /// What a method may be asked about: each organization; each project where the contract looks at one; each user where the handler does.
    std::vector<Target> targets_of(const rpc::Access& access, const Caller& caller) {
        std::vector<Target> targets{{mine_.org_id, &mine_, ""}, {other_.org_id, &other_, ""}};
        if (!access.check_field.empty()) {
            for (const auto& [project, of] :
                 {std::pair(mine_.project_id, &mine_), std::pair(sibling_, &mine_), std::pair(other_.project_id, &other_)})
                targets.push_back({project, of, project});
        }
        if (access.rule.kind == Rule::Kind::handler && access.rule.check.on == On::user) {
            targets = {{mine_.human_id, &mine_, ""}, {other_.human_id, &other_, ""}, {caller.user_id, nullptr, ""}};
        }
        return targets;
    }

    /// Sends just enough for the decision: what the contract limits is missing, so that hardly anything is done.
    Answer ask(const Caller& caller, const pb::MethodDescriptor& method, const rpc::Access& access, const Target& target) {
        const auto message = new_request(method);
        const auto set = [&](const std::string& field, const std::string& value) {
            message->GetReflection()->SetString(message.get(), method.input_type()->FindFieldByName(field), value);
        };
        if (!access.check_field.empty() && !target.project.empty()) set(access.check_field, target.project);
        if (access.rule.kind == Rule::Kind::handler && access.rule.check.on == On::user) {
            const bool self = target.of == nullptr;
            const std::string user = self ? caller.user_id : target.of->human_id;
            if (method.name() == "CreateSession") {
                foreign::put(*message, method, mine_, path_to(method, "checks.user.user_id"), user);
            } else if (method.input_type()->FindFieldByName("user_id") != nullptr) {
                message->CopyFrom(*foreign::own_request(mine_, method));
                set("user_id", user);
            } else {
                set("session_id", session_of(caller, target));
            }
        } else if (foreign::has(method.name(), "DeviceAuthorization")) {
            message->CopyFrom(*foreign::own_request(mine_, method));
        } else if (method.name() == "GetAuthRequest" || method.name() == "CreateCallback") {
            foreign::put(*message, method, mine_, path_to(method, "auth_request_id"), "V2_1");
            if (method.name() == "CreateCallback") foreign::put(*message, method, mine_, path_to(method, "session.session_id"), "1");
        }
        return call(caller, method, *message, target.of ? target.of->org_id : "");
    }
    static foreign::Path path_to(const pb::MethodDescriptor& method, const std::string& text) {
        for (auto& path : foreign::paths_of(method))
            if (foreign::text_of(path) == text) return path;
        std::abort();
    }
    /// A fresh session of the user that the target is, or the caller's own.
    std::string session_of(const Caller& caller, const Target& target) {
        session::Update update;
        update.user = target.of ? target.of->human : caller.user;
        update.org = target.of ? target.of->org.org() : mine_.org.org();
        return std::to_string(must(services_->sessions.create(one_, update, {}, 0, {})).id.key);
    }

    /// What the gate says to those who may not, and handlers besides: as if the user were not there.
    static bool refused(const Answer& answer, const rpc::Access& access) {
        return answer.id == "AUTH-5mWD2" || (access.rule.kind == Rule::Kind::handler && answer.id == "QUERY-Dfbg2");
    }

    Place place_of(ScopeKind kind) {
        switch (kind) {
            case ScopeKind::instance:
                return Place::instance();
            case ScopeKind::organization:
                return Place::organization(mine_.org.org());
            case ScopeKind::project:
                return Place::project(mine_.project);
            case ScopeKind::project_grant:
                return Place::project_grant(
                    must(services_->project_grants.add(mine_.org, {.project_id = mine_.project_id, .granted_org_id = other_.org_id}, {}))
                        .key);
        }
        std::abort();
    }

    /// Every cell of one caller.
    void compare(const Caller& caller) {
        auto methods = registry_.methods();
        // It takes with it what the others are asked about.
        std::ranges::stable_partition(methods, [](const auto* method) { return method->name() != "RemoveProject"; });
        for (const auto* method : methods) {
            const std::string name = method->service()->full_name() + "/" + method->name();
            const auto access = registry_.access(name);
            for (const Target& target : targets_of(*access, caller)) {
                SCOPED_TRACE(caller.name + " calls " + name + " about " + target.id);
                const auto explained = explain_permission(*services_, registry_, one_, {caller.user_id, name, target.id});
                ASSERT_TRUE(explained) << explained.error().message;
                const Answer answer = ask(caller, *method, *access, target);
                EXPECT_NE(explained->allowed, refused(answer, *access))
                    << explained->reason << "; answered " << answer.code << " " << answer.body;
                EXPECT_FALSE(explained->reason.empty());
                EXPECT_EQ(explained->by == DecidedBy::membership, !explained->role.empty() && explained->by != DecidedBy::listed);
                ++cells_;
                allowed_ += explained->allowed ? 1 : 0;
            }
        }
    }
    void begin(const std::string& name) {
        mine_ = plant(one_, "one.example", "mine-" + name);
        other_ = plant(one_, "one.example", "other-" + name);
        sibling_ = must(services_->projects.create(mine_.org, {}, {.name = "Sibling"})).id;
    }

    int cells_ = 0, allowed_ = 0;
    Tenant mine_, other_;
    std::string sibling_;
};
GODWIT_ON_BOTH_ENGINES(PermissionMatrixTest);

TEST_P(PermissionMatrixTest, ExplainsWhatTheServerDoes) {
    begin("nobody");
    compare(make_caller(mine_, "nobody", {}));
    int callers = 1;
    for (const auto kind : {ScopeKind::instance, ScopeKind::organization, ScopeKind::project, ScopeKind::project_grant}) {
        for (const auto role : member::roles_of(kind)) {
            const std::string name(role);
            begin(name);
            compare(make_caller(mine_, name, {{place_of(kind), name}}));
            ++callers;
        }
    }
    // A cell for every role that a member can hold and every RPC, twice at least; and both outcomes.
    EXPECT_GT(callers, 20);
    EXPECT_GE(cells_, 2 * callers * static_cast<int>(registry_.methods().size()));
    EXPECT_GT(allowed_, cells_ / 10);
    EXPECT_LT(allowed_, cells_ * 9 / 10);
    RecordProperty("cells", cells_);
}

TEST_P(PermissionMatrixTest, NamesTheRuleThatDecided) {
    begin("x");
    const Place home = Place::organization(mine_.org.org());
    const auto owner = make_caller(mine_, "owner", {{home, "ORG_OWNER"}});
    const auto helper = make_caller(mine_, "helper", {{Place::project(mine_.project), "PROJECT_OWNER"}});
    const std::string read_user = "zitadel.management.v1.ManagementService/GetUserByID", get_project = "GET /management/v1/projects/7";
    const struct {
        const Caller& caller;
        std::string rpc, target;
        bool allowed;
        DecidedBy by;
        std::string reason;  ///< a part of it
    } rows[] = {
        {owner, read_user, "", true, DecidedBy::membership, "the role ORG_OWNER, held as a member of the organization " + mine_.org_id},
        {owner, "GET /management/v1/users/123", mine_.human_id, true, DecidedBy::membership, "has user.read"},
        {owner, read_user, other_.org_id, false, DecidedBy::nothing, "ORG_OWNER has it, but is held as a member of the organization"},
        {owner, read_user, other_.human_id, false, DecidedBy::nothing, "of the organization " + other_.org_id},
        {helper, get_project, mine_.project_id, true, DecidedBy::membership,
         "PROJECT_OWNER, held as a member of the project " + mine_.project_id},
        {helper, get_project, sibling_, false, DecidedBy::nothing, "held as a member of the project " + mine_.project_id + " only"},
        {helper, "management.v1.ManagementService/AddOrg", "", false, DecidedBy::nothing, "no membership of the instance"},
        {helper, "zitadel.user.v2.UserService/GetUserByID", "", true, DecidedBy::self, "the caller itself"},
        {helper, "SessionService/CreateSession", mine_.human_id, true, DecidedBy::own_org, "own organization"},
        {helper, "SessionService/CreateSession", other_.human_id, false, DecidedBy::nothing, "session.write"},
        {helper, "ListSessions", "", true, DecidedBy::listed, "nobody is refused"},
        {helper, "GetMyUser", "", true, DecidedBy::any_caller, "valid token"},
        {helper, "AuthService/Healthz", "", true, DecidedBy::open, "everybody"},
    };
    for (const auto& row : rows) {
        const auto explained = explain_permission(*services_, registry_, one_, {row.caller.user_id, row.rpc, row.target});
        ASSERT_TRUE(explained) << row.rpc << ": " << explained.error().message;
        EXPECT_EQ(explained->allowed, row.allowed) << row.rpc << ": " << explained->reason;
        EXPECT_EQ(name_of(explained->by), name_of(row.by)) << row.rpc << ": " << explained->reason;
        EXPECT_NE(explained->reason.find(row.reason), std::string::npos) << row.rpc << ": " << explained->reason;
    }
    ASSERT_TRUE(services_->users.deactivate(user::Ref::of(mine_.org, mine_.machine), {}));
    EXPECT_EQ(explain_permission(*services_, registry_, one_, {mine_.machine_name, "GetMyUser", ""})->by, DecidedBy::no_caller);
}

TEST_P(PermissionMatrixTest, SaysWhatItDoesNotKnow) {
    begin("y");
    const auto id_of = [&](std::string user, std::string rpc, std::string target) {
        const auto explained = explain_permission(*services_, registry_, one_, {std::move(user), std::move(rpc), std::move(target)});
        return explained ? std::string() : explained.error().id;
    };
    EXPECT_EQ(id_of(mine_.login_name, "GetMyUser", ""), "");
    EXPECT_EQ(id_of("unknown", "GetMyUser", ""), "EXPLAIN-Usr01");
    EXPECT_EQ(id_of(mine_.human_id, "GetMyUse", ""), "EXPLAIN-Rpc01");
    EXPECT_EQ(id_of(mine_.human_id, "", ""), "EXPLAIN-Rpc01");
    EXPECT_EQ(id_of(mine_.human_id, "POST /management/v1/nothing", ""), "EXPLAIN-Rpc01");
    EXPECT_EQ(id_of(mine_.human_id, "Healthz", ""), "EXPLAIN-Rpc02") << "three services have it";
    EXPECT_EQ(id_of(mine_.human_id, "GetMyUser", "unknown"), "EXPLAIN-Tgt01");
}

}  // namespace
}  // namespace godwit::app
