// No tenant reaches another: every registered RPC, with every field that names something set to what another organization or another
// instance has. Made from the registry (foreign_calls_test_fixture.h), so that a new RPC is tested the day it is registered.
#include <gmock/gmock.h>

#include "app/foreign_calls_test_fixture.h"
#include "crypto/keys.h"
#include "godwit/issuer/v1/issuer.pb.h"
#include "transport/rpc/registry.h"
#include "zitadel/admin.pb.h"
#include "zitadel/management.pb.h"
#include "zitadel/webkey/v2/webkey_service.pb.h"
#include "zitadel/webkey/v2beta/webkey_service.pb.h"

namespace godwit::app {
namespace {

namespace pb = google::protobuf;
using foreign::has;
using member::Place;

constexpr int kOk = 0, kNotFound = 5, kExists = 6, kDenied = 7, kPrecondition = 9, kUnauthenticated = 16;

/// RPCs whose request names nothing: what they act on is the caller, its organization or its instance.
const std::map<std::string, std::string> kNamesNothing{
    {"godwit.migration.v1.MigrationService/ListJobs", "jobs of the organization of the call, or of the caller's instance"},
    {"zitadel.admin.v1.AdminService/Healthz", "public, says only that the server lives"},
    {"zitadel.admin.v1.AdminService/GetCustomLoginTexts", "texts of the caller's instance"},
    {"zitadel.admin.v1.AdminService/ListLoginPolicyIDPs", "what the policy of the caller's instance offers"},
    {"zitadel.management.v1.ManagementService/ListLoginPolicyIDPs", "what the policy of the organization of the call offers"},
    {"zitadel.admin.v1.AdminService/GetDefaultLoginTexts", "texts that come with the program"},
    {"zitadel.admin.v1.AdminService/ResetCustomLoginTextToDefault", "texts of the caller's instance"},
    {"zitadel.admin.v1.AdminService/SetCustomLoginText", "texts of the caller's instance"},
    {"zitadel.management.v1.ManagementService/GetCustomLoginTexts", "texts of the organization of the call"},
    {"zitadel.management.v1.ManagementService/GetDefaultLoginTexts", "texts of the caller's instance"},
    {"zitadel.management.v1.ManagementService/ResetCustomLoginTextToDefault", "texts of the organization of the call"},
    {"zitadel.management.v1.ManagementService/SetCustomLoginText", "texts of the organization of the call"},
    {"zitadel.auth.v1.AuthService/GetMyMetadata", "answers the caller's own"},
    {"zitadel.auth.v1.AuthService/GetMyUser", "answers the caller itself"},
    {"zitadel.auth.v1.AuthService/ListMyMetadata", "answers the caller's own"},
    {"zitadel.auth.v1.AuthService/ListMyUserGrants", "answers the caller's own"},
    {"zitadel.admin.v1.AdminService/ListIAMMemberRoles", "roles that come with the program"},
    {"zitadel.management.v1.ManagementService/ListOrgMemberRoles", "roles that come with the program"},
    {"zitadel.management.v1.ManagementService/ListProjectMemberRoles", "roles that come with the program"},
    {"zitadel.management.v1.ManagementService/ListProjectGrantMemberRoles", "roles that come with the program"},
    {"zitadel.auth.v1.AuthService/Healthz", "public, says only that the server lives"},
    {"zitadel.management.v1.ManagementService/AddOrg", "makes something new in the caller's instance"},
    {"zitadel.management.v1.ManagementService/AddProject", "makes something new in the organization of the call"},
    {"zitadel.management.v1.ManagementService/GetMyOrg", "answers the organization of the call"},
    {"zitadel.management.v1.ManagementService/BulkRemoveOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/BulkSetOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/GetOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/ListOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/RemoveOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/SetOrgMetadata", "metadata of the organization of the call"},
    {"zitadel.management.v1.ManagementService/UpdateOrg", "renames the organization of the call"},
    {"zitadel.admin.v1.AdminService/AddOIDCSettings", "settings of the caller's instance"},
    {"zitadel.admin.v1.AdminService/GetOIDCSettings", "settings of the caller's instance"},
    {"zitadel.admin.v1.AdminService/UpdateOIDCSettings", "settings of the caller's instance"},
    {"zitadel.webkey.v2.WebKeyService/CreateWebKey", "makes something new in the caller's instance"},
    {"zitadel.webkey.v2.WebKeyService/ListWebKeys", "keys of the caller's instance"},
    {"zitadel.webkey.v2beta.WebKeyService/CreateWebKey", "makes something new in the caller's instance"},
    {"zitadel.webkey.v2beta.WebKeyService/ListWebKeys", "keys of the caller's instance"},
    {"godwit.issuer.v1.IssuerService/AddIssuer", "makes something new in the caller's instance"},
    {"godwit.issuer.v1.IssuerService/ListIssuers", "issuers of the caller's instance"},
    {"zitadel.settings.v2.SettingsService/GetSecuritySettings", "settings of the caller's instance"},
    {"zitadel.settings.v2.SettingsService/SetSecuritySettings", "settings of the caller's instance"},
    {"zitadel.management.v1.ManagementService/Healthz", "public, says only that the server lives"},
    {"zitadel.management.v1.ManagementService/ListOrgDomains", "answers the organization of the call"},
};

/// Why a request may name nothing; nullopt: it has to.
std::optional<std::string> reason_to_name_nothing(const std::string& name) {
    const bool adds_provider =
        has(name, "Service/Add") && (name.ends_with("Provider") || name.ends_with("OIDCIDP") || name.ends_with("JWTIDP"));
    if (adds_provider) return "makes something new in the organization or instance of the call";
    if ((has(name, "AuthService/ListMy") && !name.ends_with("ListMyMemberships")) || has(name, "AuthService/RemoveMyAuthFactorOTP"))
        return "about the caller itself";
    const auto found = kNamesNothing.find(name);
    return found == kNamesNothing.end() ? std::nullopt : std::optional(found->second);
}

const std::string kOfInstances = "an organization has none; KeysAndIssuersStayInTheInstance";

/// RPCs with a test of their own below.
const std::map<std::string, std::string> kTestedApart{
    {"zitadel.admin.v1.AdminService/ImportData", "an instance owner's file; ImportsStayInTheInstance"},
    {"zitadel.management.v1.ManagementService/AddProjectGrant",
     "by contract it names another organization; AProjectIsGrantedWithinTheInstance"},
    {"godwit.migration.v1.MigrationService/SendRecords", "each record names much; SentRecordsStayInTheOrganization"},
    {"zitadel.webkey.v2.WebKeyService/ActivateWebKey", kOfInstances},
    {"zitadel.webkey.v2.WebKeyService/DeleteWebKey", kOfInstances},
    {"zitadel.webkey.v2beta.WebKeyService/ActivateWebKey", kOfInstances},
    {"zitadel.webkey.v2beta.WebKeyService/DeleteWebKey", kOfInstances},
    {"godwit.issuer.v1.IssuerService/AddIssuer", kOfInstances},
    {"godwit.issuer.v1.IssuerService/ImportKey", kOfInstances},
    {"godwit.issuer.v1.IssuerService/RemoveIssuer", kOfInstances},
};

enum class Side { neighbour, abroad };

/// Answers that are right though they tell what one would not hear of something that does not exist.
struct Exception {
    std::string method;  ///< without service
    std::string field;   ///< "": every field
    Side side;
    std::set<int> codes;
    bool shows;  ///< the answer may show what is asked for
    std::string reason;
    mutable bool used = false;
};
const std::vector<Exception>& exceptions() {
    static const std::string kNames = "names of users are unique over the instance, as in the reference: the answer says that one is taken";
    static const std::string kIds = "ids of users are unique over the instance: the answer says that one is taken";
    static const std::string kSeparate = "each instance has names and ids of its own";
    static const std::string kSilent = "as recorded: the answer does not tell that there is no such user, and its code opens nothing";
    static const std::vector<Exception> all{
        {"AddPasswordlessRegistration", "user_id", Side::neighbour, {kOk}, false, kSilent},
        {"AddPasswordlessRegistration", "user_id", Side::abroad, {kOk}, false, kSilent},
        {"SendPasswordlessRegistration", "user_id", Side::neighbour, {kOk}, false, kSilent},
        {"SendPasswordlessRegistration", "user_id", Side::abroad, {kOk}, false, kSilent},
        {"GetUserByLoginNameGlobal", "", Side::neighbour, {kOk}, true, "by contract (user.global.read) over the whole instance"},
        {"GetOrgByDomainGlobal", "", Side::neighbour, {kOk}, true, "by contract (org.global.read) over the whole instance"},
        {"IsUserUnique", "", Side::neighbour, {kOk}, false, kNames},
        {"AddHumanUser", "user_name", Side::neighbour, {kExists}, false, kNames},
        {"AddHumanUser", "user_name", Side::abroad, {kOk, kExists}, false, kSeparate},
        {"AddHumanUser", "username", Side::neighbour, {kExists}, false, kNames},
        {"AddHumanUser", "username", Side::abroad, {kOk, kExists}, false, kSeparate},
        {"AddHumanUser", "user_id", Side::neighbour, {kPrecondition, kExists}, false, kIds},
        {"AddHumanUser", "user_id", Side::abroad, {kOk, kPrecondition, kExists}, false, kSeparate},
        {"AddMachineUser", "user_name", Side::neighbour, {kExists}, false, kNames},
        {"AddMachineUser", "user_name", Side::abroad, {kOk, kExists}, false, kSeparate},
        {"AddMachineUser", "user_id", Side::neighbour, {kPrecondition, kExists}, false, kIds},
        {"AddMachineUser", "user_id", Side::abroad, {kOk, kPrecondition, kExists}, false, kSeparate},
        {"ImportHumanUser", "user_name", Side::neighbour, {kExists}, false, kNames},
        {"ImportHumanUser", "user_name", Side::abroad, {kOk, kExists}, false, kSeparate},
        {"UpdateUserName", "user_name", Side::neighbour, {kExists}, false, kNames},
        {"UpdateUserName", "user_name", Side::abroad, {kOk, kPrecondition, kExists}, false, kSeparate},
        {"AddProjectRole", "role_key", Side::neighbour, {kOk, kExists}, false, "a role of the caller's own project"},
        {"AddProjectRole", "role_key", Side::abroad, {kOk, kExists}, false, "a role of the caller's own project"},
    };
    return all;
}

/// A control call whose answer is another than success, because what it wants is not there to be had.
const std::map<std::string, std::string> kControlNotFound{
    {"zitadel.admin.v1.AdminService/RemoveIDPFromLoginPolicy", "the instance's policy offers none"},
    {"zitadel.admin.v1.AdminService/UpdateIAMMember", "the person is no member"},
    {"zitadel.management.v1.ManagementService/UpdateOrgMember", "the person is no member"},
    {"zitadel.management.v1.ManagementService/UpdateProjectMember", "the person is no member"},
    {"zitadel.management.v1.ManagementService/UpdateProjectGrantMember", "the person is no member"},
    {"zitadel.auth.v1.AuthService/RemoveMyAuthFactorOTP", "the caller has no factor"},
    {"zitadel.auth.v1.AuthService/RemoveMyAuthFactorOTPEmail", "the caller has no factor"},
    {"zitadel.auth.v1.AuthService/RemoveMyAuthFactorOTPSMS", "the caller has no factor"},
    {"zitadel.auth.v1.AuthService/RemoveMyAuthFactorU2F", "the key is another's, of the caller's own organization"},
    {"zitadel.auth.v1.AuthService/RemoveMyLinkedIDP", "the link is another's, of the caller's own organization"},
    {"zitadel.auth.v1.AuthService/RemoveMyPasswordless", "the passkey is another's, of the caller's own organization"},
    {"zitadel.admin.v1.AdminService/ResetCustomLoginTextToDefault", "there are no texts to reset"},
    {"zitadel.management.v1.ManagementService/ResetCustomLoginTextToDefault", "there are no texts to reset"},
    {"zitadel.auth.v1.AuthService/GetMyMetadata", "the key is any"},
    {"zitadel.management.v1.ManagementService/GetUserMetadata", "the key is any"},
    {"zitadel.management.v1.ManagementService/RemoveUserMetadata", "the key is any"},
    {"zitadel.management.v1.ManagementService/GetOrgMetadata", "the key is any"},
    {"zitadel.management.v1.ManagementService/RemoveOrgMetadata", "the key is any"},
};

/// The tenants' providers are generic OIDC ones: an update as another kind finds none.
bool updates_another_kind(const std::string& method) {
    return method.starts_with("Update") && method.ends_with("Provider") && method != "UpdateGenericOIDCProvider";
}

class IsolationTest : public TenantsTest {
protected:
    void SetUp() override {
        TenantsTest::SetUp();
        mine_ = plant(one_, "one.example", "mine");
        neighbour_ = plant(one_, "one.example", "nextdoor");
        stranger_ = plant(two_, "two.example", "abroad");
        // An instance's providers are there for all its organizations.
        std::erase_if(neighbour_.markers, [](const auto& marker) { return marker.starts_with("Instance-Idp-"); });
        std::erase(neighbour_.markers, neighbour_.instance_idp);
        const auto open = must(services_->projects.create(neighbour_.org, {}, {.name = "Open to a guest"}));
        const Place home = Place::organization(mine_.org.org());
        near_ = {make_caller(mine_, "nobody", {}), make_caller(mine_, "owner", administration_of(mine_)),
                 make_caller(mine_, "helper", {{Place::project(mine_.project), "PROJECT_OWNER"}}),
                 make_caller(mine_, "guest", {{home, "ORG_USER_MANAGER"}, {Place::project(open.key), "PROJECT_OWNER"}})};
        far_ = {make_caller(mine_, "owner", administration_of(mine_)),
                make_caller(mine_, "instance-owner", {{Place::instance(), "IAM_OWNER"}}),
                make_caller(mine_, "login-client", {{Place::instance(), "IAM_LOGIN_CLIENT"}})};
    }

    static std::string name_of(const pb::MethodDescriptor& method) { return method.service()->full_name() + "/" + method.name(); }
    const Tenant& victim(Side side) const { return side == Side::neighbour ? neighbour_ : stranger_; }

    /// Makes the call; nothing of the victim may change, nothing of it that was not in the request may be in the answer.
    Answer probe(Side side, const Caller& caller, const pb::MethodDescriptor& method, const pb::Message& message, const std::string& org,
                 bool may_show) {
        const Tenant& other = victim(side);
        auto& before = rows_[side];
        if (before.empty()) before = rows_of(other);
        const Answer answer = call(caller, method, message, org);
        const std::string request = message.SerializeAsString() + org;
        if (!may_show) {
            for (const auto& marker : other.markers) {
                EXPECT_TRUE(request.find(marker) != std::string::npos || answer.body.find(marker) == std::string::npos)
                    << "LEAK: shows " << marker;
            }
        }
        auto after = rows_of(other);
        EXPECT_TRUE(after == before) << "WRITE: " << difference(before, after);
        before = std::move(after);
        return answer;
    }
    static std::string difference(const std::multiset<std::string>& before, const std::multiset<std::string>& after) {
        std::string text;
        for (const auto& row : after)
            if (!before.contains(row)) text += "\n+ " + row;
        for (const auto& row : before)
            if (!after.contains(row)) text += "\n- " + row;
        return text;
    }
    static const Exception* exception_of(const pb::MethodDescriptor& method, const std::string& field, Side side) {
        for (const Exception& exception : exceptions()) {
            if (exception.method == method.name() && exception.side == side && (exception.field.empty() || exception.field == field))
                return &exception;
        }
        return nullptr;
    }

    /// Every RPC, every field, every caller of that side. Fields that name something new come last: they may give one's own things the
    /// other's names.
    void probe_fields(Side side, const std::vector<Caller>& callers) {
        for (const bool name_new : {false, true}) {
            for (const auto* method : registry_.methods()) {
                if (kTestedApart.contains(name_of(*method))) continue;
                for (const auto& path : foreign::paths_of(*method)) {
                    if (foreign::names_something_new(*method, path) != name_new) continue;
                    for (const Caller& caller : callers) probe_field(side, caller, *method, path);
                }
            }
        }
    }
    /// Right is 403, 404, a list, what one would hear of something that does not exist anywhere, or an exception.
    void probe_field(Side side, const Caller& caller, const pb::MethodDescriptor& method, const foreign::Path& path) {
        const std::string field = foreign::text_of(path);
        SCOPED_TRACE(caller.name + " calls " + name_of(method) + " with another's " + field);
        const auto theirs = foreign::value_of(victim(side), method, *path.back());
        ASSERT_TRUE(theirs) << "what does " << path.back()->full_name() << " name? Teach foreign_calls_test_fixture.h";
        const Exception* exception = exception_of(method, field, side);
        const auto ask = [&](const std::string& value) {
            const auto message = foreign::own_request(mine_, method);
            foreign::put(*message, method, mine_, path, value);
            return probe(side, caller, method, *message, "", exception && exception->shows);
        };
        const Answer answer = ask(*theirs);
        const bool lists = method.name().starts_with("List") && answer.code == kOk;
        if (answer.code == kNotFound || answer.code == kDenied || lists) return;
        if (exception && exception->codes.contains(answer.code)) {
            exception->used = true;
            return;
        }
        const Answer of_nothing = ask("nobody-has-this");
        EXPECT_EQ(answer.code, of_nothing.code) << answer.body;
        EXPECT_EQ(answer.body, of_nothing.body) << "as of something that does not exist";
    }

    /// All that one can have in one's own organization: ORG_OWNER alone may not remove an application.
    static std::vector<std::pair<Place, std::string>> administration_of(const Tenant& t) {
        return {{Place::organization(t.org.org()), "ORG_OWNER"}, {Place::project(t.project), "PROJECT_OWNER"}};
    }
    /// Who may do everything in the first instance.
    const Caller& instance_owner() {
        if (!instance_owner_)
            instance_owner_ =
                make_caller(operators_.at("one.example"), "one.example", "all", {{Place::instance(), "IAM_OWNER IAM_LOGIN_CLIENT"}});
        return *instance_owner_;
    }

    /// Every RPC with nothing but the other's things, and with the other's organization in the header.
    void probe_whole(Side side, const std::vector<Caller>& callers) {
        for (const auto* method : registry_.methods()) {
            const auto access = registry_.access(name_of(*method));
            if (access->rule.kind == rpc::Rule::Kind::anyone) continue;
            const bool by_contract = access->rule.kind == rpc::Rule::Kind::contract;
            for (const Caller& caller : callers) {
                SCOPED_TRACE(caller.name + " calls " + name_of(*method) + " for another's organization");
                (void)probe(side, caller, *method, *foreign::own_request(mine_, *method), victim(side).org_id, /*may_show=*/false);
                const Answer answer = probe(side, caller, *method, *without_secrets(victim(side), *method), victim(side).org_id, false);
                EXPECT_TRUE(!by_contract || answer.code == kDenied || answer.code == kNotFound)
                    << "answered " << answer.code << " " << answer.body;
            }
        }
    }
    /// The other's request, but with one's own session token: whoever holds a session's token may use it.
    std::unique_ptr<pb::Message> without_secrets(const Tenant& other, const pb::MethodDescriptor& method) {
        auto message = foreign::own_request(other, method);
        for (const auto& path : foreign::paths_of(method)) {
            if (path.back()->name() == "session_token") foreign::put(*message, method, other, path, mine_.session_token);
        }
        return message;
    }

    Tenant mine_, neighbour_, stranger_;
    std::vector<Caller> near_, far_;
    std::map<Side, std::multiset<std::string>> rows_;
    std::optional<Caller> instance_owner_;
};
GODWIT_ON_BOTH_ENGINES(IsolationTest);

TEST_P(IsolationTest, EveryRpcIsCoveredOrSaysWhyNot) {
    std::set<std::string> served;
    for (const auto* method : registry_.methods()) {
        const std::string name = name_of(*method);
        served.insert(name);
        EXPECT_EQ(foreign::paths_of(*method).empty(), reason_to_name_nothing(name).has_value())
            << name << ": a request that names nothing stands in kNamesNothing with the reason, and no other does";
    }
    for (const auto& [name, reason] : kNamesNothing) EXPECT_TRUE(served.contains(name)) << name;
    for (const auto& [name, reason] : kTestedApart) EXPECT_TRUE(served.contains(name)) << name;
}

TEST_P(IsolationTest, OwnThingsAreReached) {
    // Otherwise the refusals below would prove nothing.
    int serial = 0;
    std::optional<Tenant> own;
    std::optional<Caller> owner;
    for (const auto* method : registry_.methods()) {
        if (kTestedApart.contains(name_of(*method))) continue;
        auto paths = foreign::paths_of(*method);
        if (paths.empty()) paths.assign(1, {});
        for (const auto& path : paths) {
            if (!own) {
                own = plant(one_, "one.example", "own" + std::to_string(++serial));
                owner = make_caller(*own, "owner", administration_of(*own));
            }
            SCOPED_TRACE(name_of(*method) + " with one's own " + foreign::text_of(path));
            const auto message = foreign::own_request(*own, *method);
            if (!path.empty() && !foreign::names_something_new(*method, path) && (path.size() > 1 || path[0]->real_containing_oneof()))
                foreign::put(*message, *method, *own, path, *foreign::value_of(*own, *method, *path.back()));
            static const std::set<std::string> kByInstance{"AdminService",   "IssuerService",   "OIDCService",
                                                           "SessionService", "SettingsService", "WebKeyService"};
            const bool by_instance = kByInstance.contains(method->service()->name()) || method->name() == "AddOrg";
            const Caller& caller = by_instance ? instance_owner() : *owner;
            const Answer answer = call(caller, *method, *message, by_instance ? own->org_id : "");
            const bool reached = answer.code == kOk || answer.code == kExists || answer.code == kPrecondition;
            EXPECT_TRUE(reached ||
                        (answer.code == kNotFound && (kControlNotFound.contains(name_of(*method)) || updates_another_kind(method->name()))))
                << "answered " << answer.code << " " << answer.body << "\n"
                << message->DebugString();
            const bool reads = method->name().starts_with("Get") || method->name().starts_with("List") || method->name().starts_with("Is");
            if (!reads) own.reset();
        }
    }
}

TEST_P(IsolationTest, NoFieldReachesAnotherTenant) {
    for (const Exception& exception : exceptions()) exception.used = false;
    probe_fields(Side::neighbour, near_);
    probe_fields(Side::abroad, far_);
    for (const Exception& exception : exceptions())
        EXPECT_TRUE(exception.used) << exception.method << " " << exception.field << " is no exception: " << exception.reason;
}
TEST_P(IsolationTest, NoHeaderReachesAnotherOrganization) { probe_whole(Side::neighbour, near_); }
TEST_P(IsolationTest, NoHeaderReachesAnotherInstance) { probe_whole(Side::abroad, far_); }

TEST_P(IsolationTest, NoTokenIsTakenOnAnotherHost) {
    for (const auto* method : registry_.methods()) {
        if (registry_.access(name_of(*method))->rule.kind == rpc::Rule::Kind::anyone) continue;
        for (Caller caller : far_) {
            SCOPED_TRACE(caller.name + " calls " + name_of(*method) + " on the other instance's host");
            caller.host = "two.example";
            EXPECT_EQ(probe(Side::abroad, caller, *method, *without_secrets(stranger_, *method), "", false).code, kUnauthenticated);
        }
    }
}

TEST_P(IsolationTest, AProjectIsGrantedWithinTheInstance) {
    zitadel::management::v1::AddProjectGrantRequest request;
    const auto* add = request.GetDescriptor()->file()->FindServiceByName("ManagementService")->FindMethodByName("AddProjectGrant");
    request.set_project_id(mine_.project_id);
    request.set_granted_org_id(stranger_.org_id);
    EXPECT_EQ(probe(Side::abroad, far_[0], *add, request, "", false).id, "COMMAND-3m9gg") << "as of an organization that is not there";
    request.set_granted_org_id(neighbour_.org_id);
    for (const Caller& caller : {near_[0], near_[3]}) EXPECT_EQ(probe(Side::neighbour, caller, *add, request, "", false).code, kDenied);
    request.set_project_id(neighbour_.project_id);
    request.set_granted_org_id(mine_.org_id);
    EXPECT_EQ(probe(Side::neighbour, near_[1], *add, request, "", false).code, kNotFound) << "another's project for oneself";
    request.add_role_keys("role-" + neighbour_.tag);
    EXPECT_EQ(probe(Side::neighbour, near_[1], *add, request, "", false).code, kNotFound);
}

TEST_P(IsolationTest, SentRecordsStayInTheOrganization) {
    namespace v1 = migration::v1;
    const auto* service = v1::Job::descriptor()->file()->FindServiceByName("MigrationService");
    const auto answer_to = [&](const Caller& caller, const std::string& job) {
        v1::SendRecordsRequest request;
        request.set_job_id(job);
        auto& record = *request.add_records();
        record.set_source_id("mallory");
        record.set_user_name("mallory");
        record.mutable_organization()->set_id(neighbour_.org_id);
        return probe(Side::neighbour, caller, *service->FindMethodByName("SendRecords"), request, "", /*may_show=*/false);
    };
    EXPECT_EQ(answer_to(near_[1], neighbour_.job_id).code, kNotFound);
    const Answer own = answer_to(near_[1], mine_.job_id);
    ASSERT_EQ(own.code, kOk) << own.body;
    v1::SendRecordsResponse response;
    ASSERT_TRUE(response.ParseFromString(own.body.substr(rpc::grpc::kFrameHeader)));
    EXPECT_EQ(response.job().counters().failed(), 1u) << "as for an organization that does not exist";
    EXPECT_EQ(response.job().counters().codes().at("org.unknown"), 1u);

    // A job whose records may go anywhere is not its target organization's.
    v1::CreateJobRequest create;
    create.set_source("everywhere");
    create.set_organization(mine_.org_id);
    const Answer made = call(instance_owner(), *service->FindMethodByName("CreateJob"), create);
    ASSERT_EQ(made.code, kOk) << made.body;
    v1::CreateJobResponse wide;
    ASSERT_TRUE(wide.ParseFromString(made.body.substr(rpc::grpc::kFrameHeader)));
    EXPECT_EQ(answer_to(near_[1], wide.job().id()).code, kNotFound);
}

TEST_P(IsolationTest, KeysAndIssuersStayInTheInstance) {
    namespace keys = zitadel::webkey::v2;
    const auto method_of = [](const pb::Descriptor* message, const char* service, const char* method) {
        return message->file()->FindServiceByName(service)->FindMethodByName(method);
    };
    const auto said = [](const Answer& answer, auto response) {
        EXPECT_EQ(answer.code, kOk) << answer.body;
        EXPECT_TRUE(response.ParseFromString(answer.body.substr(rpc::grpc::kFrameHeader)));
        return response;
    };
    const Caller theirs = make_caller(stranger_, "instance-owner", {{Place::instance(), "IAM_OWNER"}});
    keys::CreateWebKeyRequest create;
    create.mutable_ecdsa()->set_curve(keys::ECDSA_CURVE_P256);
    const auto key =
        said(call(theirs, *method_of(create.GetDescriptor(), "WebKeyService", "CreateWebKey"), create), keys::CreateWebKeyResponse()).id();
    issuer::v1::AddIssuerRequest add;
    add.set_issuer("https://sso.two.example/realms/old");
    auto& paths = *add.mutable_paths();
    paths.set_keys("/realms/old/keys");
    paths.set_authorization("/realms/old/auth");
    paths.set_token("/realms/old/token");
    const auto& add_issuer = *method_of(add.GetDescriptor(), "IssuerService", "AddIssuer");
    const auto issuer = said(call(theirs, add_issuer, add), issuer::v1::AddIssuerResponse()).id();
    stranger_.markers.insert(stranger_.markers.end(), {key, issuer});
    rows_.clear();

    EXPECT_EQ(probe(Side::abroad, far_[0], add_issuer, add, "", false).code, kDenied) << "an organization's owner";
    EXPECT_NE(probe(Side::abroad, far_[1], add_issuer, add, "", false).code, kOk) << "another instance's name";
    for (const char* name : {"ActivateWebKey", "DeleteWebKey"}) {
        keys::ActivateWebKeyRequest by_id;  // the other's message is the same
        by_id.set_id(key);
        for (const auto* service : {create.GetDescriptor(), zitadel::webkey::v2beta::CreateWebKeyRequest::descriptor()}) {
            const auto& method = *method_of(service, "WebKeyService", name);
            EXPECT_EQ(probe(Side::abroad, far_[0], method, by_id, "", false).code, kDenied) << name;
            const int code = probe(Side::abroad, far_[1], method, by_id, "", false).code;
            EXPECT_TRUE(code == kNotFound || std::string_view(name) == "DeleteWebKey") << name << " answered " << code;
        }
    }
    issuer::v1::RemoveIssuerRequest remove;
    remove.set_id(issuer);
    issuer::v1::ImportKeyRequest import;
    import.set_id(issuer);
    import.set_key_id("kid");
    import.set_private_key(std::string(crypto::PrivateKey::generate(crypto::KeyType::p256).to_pem().reveal()));
    for (const Caller& caller : {far_[0], far_[1]}) {
        const int wanted = caller.name == "owner" ? kDenied : kNotFound;
        EXPECT_EQ(probe(Side::abroad, caller, *method_of(add.GetDescriptor(), "IssuerService", "RemoveIssuer"), remove, "", false).code,
                  wanted);
        EXPECT_EQ(probe(Side::abroad, caller, *method_of(add.GetDescriptor(), "IssuerService", "ImportKey"), import, "", false).code,
                  wanted);
    }
    const auto listed = probe(Side::abroad, far_[1], *method_of(add.GetDescriptor(), "IssuerService", "ListIssuers"),
                              issuer::v1::ListIssuersRequest(), "", false);
    EXPECT_EQ(listed.code, kOk);
}

TEST_P(IsolationTest, ImportsStayInTheInstance) {
    const auto* import =
        zitadel::admin::v1::ImportDataRequest::descriptor()->file()->FindServiceByName("AdminService")->FindMethodByName("ImportData");
    zitadel::admin::v1::ImportDataRequest file;
    file.set_timeout("1m");
    auto& org = *file.mutable_data_orgs()->add_orgs();
    org.set_org_id(stranger_.org_id);
    org.mutable_org()->set_name("Org-mallory");
    auto& human = *org.add_human_users();
    human.set_user_id(stranger_.human_id);
    human.mutable_user()->set_user_name("mallory");
    human.mutable_user()->mutable_profile()->set_first_name("M");
    human.mutable_user()->mutable_profile()->set_last_name("M");
    human.mutable_user()->mutable_email()->set_email("mallory@example.net");
    auto& role = *org.add_project_roles();
    role.set_project_id(stranger_.project_id);
    role.set_role_key("mallory");
    role.set_display_name("mallory");
    EXPECT_EQ(probe(Side::abroad, far_[1], *import, file, "", false).code, kOk) << "an answer for each record";
    org.set_org_id(neighbour_.org_id);
    EXPECT_EQ(probe(Side::neighbour, near_[1], *import, file, "", false).code, kDenied) << "an organization's owner imports nothing";
}

}  // namespace
}  // namespace godwit::app
