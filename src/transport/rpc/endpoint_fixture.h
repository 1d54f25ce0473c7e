// For tests: a registry with a handful of methods, behind an endpoint that knows one instance and one token.
#pragma once

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "transport/rpc/errors.h"
#include "transport/rpc/registry.h"
#include "zitadel/admin.pb.h"
#include "zitadel/auth.pb.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace godwit::rpc {

namespace mgmt = zitadel::management::v1;
namespace session = zitadel::session::v2;
namespace user_v2 = zitadel::user::v2;

inline constexpr auto kInstance = InstanceScope::of({7});

class OneInstance final : public Instances {
public:
    std::optional<InstanceScope> find_by_host(std::string_view host) override {
        return host == "localhost" ? std::optional(kInstance) : std::nullopt;
    }
};

/// "alice" is the one token.
class OneToken final : public Authenticator {
public:
    Result<Caller> authenticate(InstanceScope instance, const http::ShownToken& shown, const http::Request*) override {
        EXPECT_EQ(instance, kInstance);
        if (shown.scheme == http::TokenScheme::dpop) return fail(Code::unauthenticated, "use_dpop_nonce", "a proof must have the nonce");
        if (shown.token != "alice") return fail(Code::unauthenticated, "AUTH-7fs1e", "Errors.Token.Invalid");
        Caller caller;
        caller.user = UserId(1);
        caller.org = OrgId(10);
        caller.user_id = "alice";
        return caller;
    }
};

/// Grants what `granted` names; organizations are "10" (the caller's), "11", and "eleven.example" by domain.
class Granted final : public Permissions {
public:
    Result<OrgId> resolve_org(InstanceScope, const Caller& caller, std::string_view header) override {
        if (header.empty()) return caller.org;
        if (header == "10" || header == "11") return OrgId(header == "10" ? 10 : 11);
        return fail(Code::permission_denied, "AUTH-Bs7Ds", "Organisation doesn't exist");
    }
    Result<OrgId> resolve_org_by_domain(InstanceScope instance, const Caller& caller, std::string_view domain) override {
        if (domain == "eleven.example") return OrgId(11);
        return Permissions::resolve_org_by_domain(instance, caller, domain);
    }
    Result<void> check(InstanceScope, const Caller&, std::string_view permission, OrgId org, std::string_view field) override {
        const std::string asked = std::string(permission) + "@" + std::to_string(org.key) + (field.empty() ? "" : ":" + std::string(field));
        log.push_back(asked);
        if (granted == "*" || granted == asked) return {};
        return fail(Code::permission_denied, "AUTH-5mWD2", "No matching permissions found");
    }
    std::string granted = "*";
    std::vector<std::string> log;
};

class FixedStream final : public http::BodyStream {
public:
    explicit FixedStream(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
    Result<std::string> read() override { return next_ < pieces_.size() ? pieces_[next_++] : std::string(); }

private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
};

class EndpointTest : public testing::Test {
protected:
    EndpointTest() {
        registry_.on("zitadel.management.v1.ManagementService/Healthz", {.lane = Lane::in_line, .rule = Rule::anyone(), .any_host = true},
                     [](const Call&, const mgmt::HealthzRequest&, mgmt::HealthzResponse&) -> Result<void> { return {}; });
        registry_.on(
            "zitadel.management.v1.ManagementService/GetUserByID", {.lane = Lane::read},
            [this](const Call& call, const mgmt::GetUserByIDRequest& request, mgmt::GetUserByIDResponse& response) -> Result<void> {
                if (request.id() == "nope") return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
                if (request.id() == "throw") throw std::runtime_error("secret detail");
                response.mutable_user()->set_id(request.id());
                if (request.id() == "large") response.mutable_user()->add_login_names(std::string(10'000, 'x'));
                response.mutable_user()->set_user_name(call.caller.user_id + "@" + std::to_string(call.org_id.key));
                deadline_ = call.request->deadline;
                return {};
            });
        registry_.on("zitadel.management.v1.ManagementService/UpdateUserName", {.lane = Lane::write},
                     [](const Call&, const mgmt::UpdateUserNameRequest& request, mgmt::UpdateUserNameResponse& response) -> Result<void> {
                         response.mutable_details()->set_resource_owner(request.user_id() + "=" + request.user_name());
                         return {};
                     });
        registry_.on("zitadel.management.v1.ManagementService/IsUserUnique", {.lane = Lane::read},
                     [](const Call&, const mgmt::IsUserUniqueRequest& request, mgmt::IsUserUniqueResponse& response) -> Result<void> {
                         response.set_is_unique(request.user_name() == "free");
                         return {};
                     });
        registry_.on("zitadel.management.v1.ManagementService/GetProjectByID", {.lane = Lane::read},
                     [](const Call&, const mgmt::GetProjectByIDRequest&, mgmt::GetProjectByIDResponse&) -> Result<void> { return {}; });
        registry_.on("zitadel.user.v2.UserService/AddHumanUser", {.lane = Lane::read},
                     [](const Call& call, const user_v2::AddHumanUserRequest&, user_v2::AddHumanUserResponse& response) -> Result<void> {
                         response.set_user_id(std::to_string(call.org_id.key));
                         return {};
                     });
        registry_.on("zitadel.session.v2.SessionService/CreateSession",
                     {.lane = Lane::read, .rule = Rule::handler({.permission = "session.write"}, "permission on the instance")},
                     [](const Call&, const session::CreateSessionRequest&, session::CreateSessionResponse& response) -> Result<void> {
                         response.set_session_id("s");
                         return {};
                     });
        registry_.on_stream(
            "zitadel.admin.v1.AdminService/ImportData", {.lane = Lane::bulk, .max_request_bytes = 1ull << 32},
            [](const Call&, const google::protobuf::Message&, http::BodyStream& body, google::protobuf::Message& response) -> Result<void> {
                std::string all;
                for (std::string piece = TRY(body.read()); !piece.empty(); piece = TRY(body.read())) all += piece;
                static_cast<zitadel::admin::v1::ImportDataResponse&>(response).add_errors()->set_message(all);
                return {};
            });
        endpoint_ = std::make_unique<Endpoint>(registry_, instances_, authenticator_, permissions_);
    }

    static http::Request request(std::string method, std::string target, std::string body = {}) {
        http::Request out;
        out.method = std::move(method);
        const auto mark = target.find('?');
        out.path = target.substr(0, mark);
        if (mark != std::string::npos) out.query = target.substr(mark + 1);
        out.body = std::move(body);
        out.host = "localhost";
        out.headers.set("authorization", "Bearer alice");
        return out;
    }

    http::Response send(http::Request rq) {
        auto route = endpoint_->route(rq);
        EXPECT_TRUE(route) << rq.path;
        return route ? route->handle(rq) : http::Response{};
    }

    static std::string body(const http::Response& response) { return std::get<std::string>(response.body); }

    Registry registry_;
    OneInstance instances_;
    OneToken authenticator_;
    Granted permissions_;
    std::unique_ptr<Endpoint> endpoint_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace godwit::rpc
