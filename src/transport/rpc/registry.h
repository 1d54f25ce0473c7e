// The contract at run time: every RPC is declared in proto/ (message, REST path, permission); here a typed function is
// put behind it, and REST, gRPC, gRPC-Web and Connect are encodings of that one thing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/lane.h"
#include "base/result.h"
#include "transport/http/authorization.h"
#include "transport/http/message.h"
#include "transport/http/server.h"

namespace google::protobuf {
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace godwit::rpc {

/// Who calls, as the Authenticator found from the token.
struct Caller {
    UserId user;
    OrgId org;            ///< the user's own organization
    std::string user_id;  ///< as the contract shows it
    std::string org_id;
    std::string token_id;  ///< of the token or PAT, for the audit trail
    std::vector<std::string> scopes;
    /// Implementation data of Permissions (memberships, cached for the request).
    std::shared_ptr<const void> memberships;
};

/// What a handler knows of its call besides the request. Permission, instance and organization are settled before it runs.
struct Call {
    InstanceScope instance;
    OrgId org_id;   ///< the organization the call is about: x-zitadel-orgid, or the caller's own; 0 for public calls
    Caller caller;  ///< empty user for public calls
    const http::Request* request = nullptr;  ///< headers (accept-language, …), address
    std::chrono::system_clock::time_point received{};

    OrgScope org() const { return {instance, org_id}; }
    /// Empty, or the argument that a rule reads from the message (session token …).
    std::string_view header(std::string_view name) const { return request ? request->headers.get(name) : std::string_view{}; }
};

/// Finds the caller of a token. Implemented from tokens and PATs by app/.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    /// `request` brings the proof that a bound token needs (RFC 9449); null where that was looked at before, for it is good once. Error
    /// unauthenticated (401) with the reference's ids for bearer tokens, and RFC 9449's names for others.
    virtual Result<Caller> authenticate(InstanceScope instance, const http::ShownToken& shown, const http::Request* request) = 0;
};

/// Decides permissions from memberships and the role table. Implemented by app/.
class Permissions {
public:
    virtual ~Permissions() = default;
    /// Resolves the organization of the call (x-zitadel-orgid or x-zitadel-org header value, "" = the caller's own):
    /// permission_denied AUTH-Bs7Ds when it does not exist.
    virtual Result<OrgId> resolve_org(InstanceScope instance, const Caller& caller, std::string_view org_header) = 0;
    /// The same for a request that names the organization by a domain (object.v2.Organization.org_domain).
    virtual Result<OrgId> resolve_org_by_domain(InstanceScope instance, const Caller& caller, std::string_view domain);
    /// Ok when the caller has `permission` on the organization `org` (or instance-wide); for permissions of the form
    /// "project.read" that a project membership may give too, `check_field` is the id text found in the request field
    /// named by the option check_field_name. Error permission_denied (403) otherwise.
    virtual Result<void> check(InstanceScope instance, const Caller& caller, std::string_view permission, OrgId org,
                               std::string_view check_field) = 0;
    /// The same for calls about grants of projects that name none: a role on any grant is enough.
    virtual Result<void> check_any_grant(InstanceScope instance, const Caller& caller, std::string_view permission, OrgId org);
};

/// Finds the instance a host belongs to. Implemented by directory/instance.
class Instances {
public:
    virtual ~Instances() = default;
    virtual std::optional<InstanceScope> find_by_host(std::string_view host) = 0;
};

/// Counts what accounts ask for. Implemented by app/.
class AccountLimits {
public:
    virtual ~AccountLimits() = default;
    /// Once for each call of an account, before anything is decoded. Error resource_exhausted (429, with Retry-After) when it asked too
    /// much lately. `writes`: the call may change something. Runs on the thread of the call's lane.
    virtual Result<void> count(const Call& call, bool writes) = 0;
};

class Idempotency;  // idempotency.h

/// What stands before every handler besides permissions; what is null is not there.
struct Guards {
    AccountLimits* limits = nullptr;
    Idempotency* idempotency = nullptr;
};

/// What a handler asks before it acts on the target it found. The same value decides in the handler (allow_target) and is read by
/// `godwit explain permission`.
struct TargetCheck {
    enum class On {
        instance,  ///< the permission on the whole instance
        user,      ///< the permission on the organization of the user the call is about
        listed,    ///< nobody is refused: an answer holds what the permission lets the caller see
    };
    std::string permission;
    On on = On::instance;
    bool self = false;     ///< callers need no permission on themselves
    bool own_org = false;  ///< nor on users of their own organization
};

/// The rule of a method whose contract says only `authenticated` (or nothing). A registry entry without one refuses to start.
struct Rule {
    enum class Kind {
        contract,  ///< the permission the contract names
        anyone,    ///< public: no token needed
        caller,    ///< any valid token; the handler acts on the caller only
        handler,   ///< the handler checks itself on the target it finds (allow_target); `why` says what for people
    };
    Kind kind = Kind::contract;
    std::string why;
    TargetCheck check = {};  ///< of Kind::handler
    static Rule contract() { return {}; }
    static Rule anyone() { return {Kind::anyone, {}, {}}; }
    static Rule caller() { return {Kind::caller, {}, {}}; }
    static Rule handler(TargetCheck check, std::string why) { return {Kind::handler, std::move(why), std::move(check)}; }
};

/// Why a check asks for no permission at all.
enum class Excuse { none, self, own_org };
Excuse excuse_of(const TargetCheck& check, const Caller& caller, UserId user, OrgId org);

/// Decides `check` about `user`, whose organization is `org` (both 0 where there is none). Error: that of Permissions::check.
Result<void> allow_target(Permissions& permissions, const Call& call, const TargetCheck& check, UserId user, OrgId org);

/// How REST shows answers that stream.
enum class RestStream {
    events,  ///< Server-Sent Events: each a `message`, then `end` or `error`
    lines,   ///< NDJSON; broken off after an error
};

/// How the method runs.
struct Options {
    http::DeclaredLane lane;
    Rule rule = {};
    std::uint64_t max_request_bytes = 4u << 20;
    /// Answers on every Host (health); call.instance is then the system's. Only with Rule::anyone().
    bool any_host = false;
    /// Top-level fields of the request that bring a plain password: a call that has one waits and runs in Lane::hash.
    std::vector<std::string_view> password_fields = {};
    RestStream rest_stream = RestStream::events;

    /// What may change something never waits among the reads.
    bool writes() const { return lane != Lane::read && lane != Lane::in_line; }
};

/// The answers of a call that streams them, made one at a time as the client takes them; holds no thread between them. Its functions
/// are called one at a time, but from different threads; it is destroyed as soon as the client has gone.
class AnyAnswers {
public:
    enum class Step {
        message,  ///< the response is filled
        wait,     ///< nothing for now; asked again after `wake`
        end,
    };
    virtual ~AnyAnswers() = default;
    /// An error ends the stream with its status.
    virtual Result<Step> next_message(google::protobuf::Message& response) = 0;
    /// Called once, before the first next: `wake` may be called at any time on any thread, also after the end.
    virtual void on_start(std::function<void()> wake) { (void)wake; }
};

template <class Response>
class Answers : public AnyAnswers {
public:
    virtual Result<Step> next(Response& response) = 0;

private:
    Result<Step> next_message(google::protobuf::Message& response) final { return next(static_cast<Response&>(response)); }
};

/// The messages of a call that streams its requests, as they come. Lives as long as the handler runs.
class AnyRequests {
public:
    using Step = AnyAnswers::Step;
    virtual ~AnyRequests() = default;
    /// Waits for the next message, at most so long: `wait` when none came, `end` after the last. Errors, which stay: those of
    /// http::BodyStream, invalid_argument (what came is no such message), resource_exhausted (too long).
    virtual Result<Step> next_message(google::protobuf::Message& request, std::chrono::milliseconds at_most) = 0;
};

template <class Request>
class Requests {
public:
    explicit Requests(AnyRequests& of) : of_(of) {}
    Result<AnyRequests::Step> next(Request& request, std::chrono::milliseconds at_most) { return of_.next_message(request, at_most); }

private:
    AnyRequests& of_;
};

/// A call whose REST body is handed over unread (bulk import): the handler reads it itself. `head` has what stands in path and query,
/// where the method streams its requests; else it is empty.
using RawHandler = std::function<Result<void>(const Call&, const google::protobuf::Message& head, http::BodyStream& body,
                                              google::protobuf::Message& response)>;

/// Who may call a method, as the gate reads it from the contract and the registration.
struct Access {
    std::string method;      ///< "package.Service/Method"
    std::string permission;  ///< of the contract; "authenticated" or "" where it leaves the decision to `rule`
    Rule rule;
    std::string check_field;  ///< field of the request with the id of the project or grant whose members count too; "" without
    std::string org_field;    ///< field of the request that may name the organization; "" without
    bool any_grant = false;   ///< a membership of any grant of a project counts too
};

class Registry {
public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;

    /// `method` is "package.Service/Method"; Request and Response must be its types. Mistakes abort at start-up with the reason.
    /// Where both sides stream, the handler answers each message with one.
    template <class Request, class Response>
    void on(std::string_view method, Options options, std::function<Result<void>(const Call&, const Request&, Response&)> handler);

    /// The same for a handler given as a lambda: types are taken from its parameters.
    template <class Handler>
    void on(std::string_view method, Options options, Handler handler);

    /// A method that answers with a stream, in every encoding. `handler` runs in the lane, what it returns on the read lane. The call's
    /// request lives as long as the answers.
    template <class Request, class Response>
    void on_answers(std::string_view method, Options options,
                    std::function<Result<std::unique_ptr<Answers<Response>>>(const Call&, const Request&)> handler);

    /// A method whose client streams its requests: gRPC and Connect. `handler` runs in the lane, and holds its thread until the last; each
    /// message may have options.max_request_bytes. An Idempotency-Key means nothing to it.
    template <class Request, class Response>
    void on_requests(std::string_view method, Options options,
                     std::function<Result<void>(const Call&, Requests<Request>&, Response&)> handler);

    /// REST only, body as a stream (no size limit but options.max_request_bytes); gRPC answers with the decoded message through `on`, or
    /// with decoded messages through `on_requests`, besides.
    void on_stream(std::string_view method, Options options, RawHandler handler);

    /// Every registered method, for conformance tests, docs and `explain`.
    std::vector<const google::protobuf::MethodDescriptor*> methods() const;
    /// Full names of the services with a registered method, sorted.
    std::vector<std::string> services() const;
    /// How "package.Service/Method" was registered; aborts when it was not.
    const Options& options(std::string_view method) const;
    /// Of a method by its full name, or by its REST form ("GET", "/management/v1/users/123": a path, or its template); nullopt when nothing
    /// of that name is served.
    std::optional<Access> access(std::string_view method) const;
    std::optional<Access> access(std::string_view verb, std::string_view path) const;
    /// Full names ("package.Service/Method") of what proto/ declares in the services registered here and nobody serves: to be
    /// empty in the whole product.
    std::vector<std::string> unserved() const;

private:
    friend class Endpoint;
    friend class OpenApi;
    void add(std::string_view method, Options options, const google::protobuf::Message& request, const google::protobuf::Message& response,
             std::function<Result<void>(const Call&, const google::protobuf::Message&, google::protobuf::Message&)> handler);
    void add_answers(std::string_view method, Options options, const google::protobuf::Message& request,
                     const google::protobuf::Message& response,
                     std::function<Result<std::unique_ptr<AnyAnswers>>(const Call&, const google::protobuf::Message&)> handler);
    void add_requests(std::string_view method, Options options, const google::protobuf::Message& request,
                      const google::protobuf::Message& response,
                      std::function<Result<void>(const Call&, AnyRequests&, google::protobuf::Message&)> handler);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Routes HTTP requests to the registry: REST by the paths of the contract; gRPC, gRPC-Web and Connect by method name and content-type.
/// nullopt: not an RPC (pages, oidc come next).
class Endpoint {
public:
    Endpoint(const Registry& registry, Instances& instances, Authenticator& authenticator, Permissions& permissions, Guards guards = {});
    ~Endpoint();
    std::optional<http::Route> route(const http::Request& request) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// For http::ServerOptions::on_refusal: what the server itself turns away (too large, too slow, too many), told to a gRPC client as
/// gRPC tells it and to all others as JSON.
http::Response refusal_response(const http::Refusal& refusal, const http::Request* request);

namespace detail {
template <class T>
struct HandlerTraits : HandlerTraits<decltype(&T::operator())> {};
template <class C, class Rq, class Rs>
struct HandlerTraits<Result<void> (C::*)(const Call&, const Rq&, Rs&) const> {
    using Request = Rq;
    using Response = Rs;
};
}  // namespace detail

template <class Request, class Response>
void Registry::on(std::string_view method, Options options, std::function<Result<void>(const Call&, const Request&, Response&)> handler) {
    add(method, std::move(options), Request::default_instance(), Response::default_instance(),
        [handler = std::move(handler)](const Call& call, const google::protobuf::Message& request, google::protobuf::Message& response) {
            return handler(call, static_cast<const Request&>(request), static_cast<Response&>(response));
        });
}

template <class Request, class Response>
void Registry::on_answers(std::string_view method, Options options,
                          std::function<Result<std::unique_ptr<Answers<Response>>>(const Call&, const Request&)> handler) {
    add_answers(
        method, std::move(options), Request::default_instance(), Response::default_instance(),
        [handler = std::move(handler)](const Call& call, const google::protobuf::Message& request) -> Result<std::unique_ptr<AnyAnswers>> {
            return handler(call, static_cast<const Request&>(request));
        });
}

template <class Request, class Response>
void Registry::on_requests(std::string_view method, Options options,
                           std::function<Result<void>(const Call&, Requests<Request>&, Response&)> handler) {
    add_requests(method, std::move(options), Request::default_instance(), Response::default_instance(),
                 [handler = std::move(handler)](const Call& call, AnyRequests& requests, google::protobuf::Message& response) {
                     Requests<Request> typed(requests);
                     return handler(call, typed, static_cast<Response&>(response));
                 });
}

template <class Handler>
void Registry::on(std::string_view method, Options options, Handler handler) {
    using Traits = detail::HandlerTraits<Handler>;
    on(method, std::move(options),
       std::function<Result<void>(const Call&, const typename Traits::Request&, typename Traits::Response&)>(std::move(handler)));
}

}  // namespace godwit::rpc
