#include <google/protobuf/descriptor.h>

#include <set>

#include "transport/http/cors.h"
#include "transport/http/refusal.h"
#include "transport/rpc/connect.h"
#include "transport/rpc/errors.h"
#include "transport/rpc/exchange.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/grpc_stream.h"
#include "transport/rpc/grpc_web.h"
#include "transport/rpc/password_lane.h"
#include "transport/rpc/path_router.h"
#include "transport/rpc/registry.h"
#include "transport/rpc/registry_impl.h"
#include "transport/rpc/rest.h"

namespace godwit::rpc {
namespace {

/// Room for the length prefix, and for a message a little over the limit: that gets a status that says so, where the transport
/// could only cut the request off.
constexpr std::uint64_t kSlack = 64u << 10;
/// A stream of messages has no length of its own; each message has.
constexpr std::uint64_t kEndless = std::uint64_t{1} << 62;

http::Route answer(http::Response (*make)()) {
    return {.lane = Lane::in_line, .handle = [make](http::Request& request) {
                auto response = make();
                http::add_cors(request, http::api_cors(), response);
                return response;
            }};
}

http::Response bad_request() { return error_response({Code::invalid_argument, "", "Bad Request"}); }

http::Response with_cors(const http::Request& request, http::Response response) {
    http::add_cors(request, http::api_cors(), response);
    return response;
}

http::Route in_line(std::function<http::Response(http::Request&)> handle) { return {.lane = Lane::in_line, .handle = std::move(handle)}; }

http::Route refuse_grpc(Error error, std::optional<grpc_web::Form> web) {
    return in_line([error = std::move(error), web](http::Request& call) {
        auto response = grpc::error_response(error);
        return web ? with_cors(call, grpc_web::wrap(*web, std::move(response))) : std::move(response);
    });
}

http::Route refuse_connect(Error error) {
    return in_line([error = std::move(error)](http::Request& call) { return with_cors(call, connect::error_response(error)); });
}

http::Route refuse_connect_stream(connect::Form form, Error error) {
    return in_line(
        [form, error = std::move(error)](http::Request& call) { return with_cors(call, connect::stream_error_response(form, error)); });
}

/// Connect has an unknown procedure be 404, as a server without Connect would answer; the body says what it is.
http::Response not_found(const http::Request& call, const Error& error) {
    auto response = connect::error_response(error);
    response.status = 404;
    return with_cors(call, std::move(response));
}

http::Response wrong_verb(const http::Request& call, const Method& method) {
    auto response = method_not_allowed_response();
    response.headers.set("allow", method.reads_only ? "GET, POST" : "POST");
    return with_cors(call, std::move(response));
}

/// RFC 9110 section 15.5.16: a type that is not served, a GET without an encoding, a stream by the type of single messages.
http::Response unsupported_type(const http::Request& call) {
    auto response = http::text_response(415, "RPCs are served by gRPC over HTTP/2, by gRPC-Web and by Connect\n");
    response.headers.set("accept-post",
                         "application/grpc, application/grpc+proto, application/grpc-web, application/grpc-web+proto, "
                         "application/grpc-web-text, application/grpc-web-text+proto, application/json, application/proto, "
                         "application/connect+json, application/connect+proto");
    return with_cors(call, std::move(response));
}

using SteadyTime = std::chrono::steady_clock::time_point;

/// The deadline that a time-out in `header` means; nullopt outside: malformed, inside: none was given.
template <class Parse>
std::optional<std::optional<SteadyTime>> parse_header(const http::Request& request, std::string_view header, Parse parse) {
    const auto* text = request.headers.find(header);
    if (!text) return std::optional<SteadyTime>();
    const auto timeout = parse(*text);
    if (!timeout) return std::nullopt;
    return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(*timeout);
}

/// What every protocol says of a route besides its body and its handler.
http::Route route_of(const Method& method, const Options& options) {
    http::Route route{.lane = options.lane, .max_body_bytes = options.max_request_bytes};
    if (options.rule.kind != Rule::Kind::anyone) route.toll = http::Toll::token;
    if (!method.password_fields.empty()) {
        route.lane_of_body = [&method](const http::Request& whole) { return lane_of_body(method, whole); };
    }
    return route;
}

/// A call of gRPC, gRPC-Web or Connect: its lane, room for its body, its deadline.
http::Route call_route(const Method& method, std::optional<SteadyTime> deadline, std::function<http::Response(http::Request&)> handle) {
    http::Route route = route_of(method, method.options);
    route.max_body_bytes += kSlack;
    route.takes_content_coding = true;  // Connect's codec
    route.handle = [deadline, handle = std::move(handle)](http::Request& call) {
        if (deadline) call.deadline = call.deadline ? std::min(*call.deadline, *deadline) : *deadline;
        return handle(call);
    };
    return route;
}

/// "/a//b" as "/a/b".
std::string without_empty_segments(std::string_view path) {
    std::string clean;
    for (const char c : path) {
        if (c != '/' || !clean.ends_with('/')) clean += c;
    }
    return clean;
}

/// An unclean path is asked for again clean, as the reference does.
http::Route redirect_to(std::string clean, const http::Request& request) {
    if (!request.query.empty()) clean += "?" + request.query;
    return {.lane = Lane::in_line, .handle = [clean = std::move(clean)](http::Request&) {
                http::Response response;
                response.status = 301;
                response.headers.set("location", clean);
                return response;
            }};
}

/// The first segment after which a path belongs to the contract: "/management/v1/…" and "/v2/…", "/v2beta/…".
bool belongs_to_contract(std::string_view path) {
    for (const std::string_view base : {"/management/v1", "/admin/v1", "/auth/v1", "/system/v1", "/migration/v1", "/issuer/v1"}) {
        if (path == base || (path.starts_with(base) && path[base.size()] == '/')) return true;
    }
    return path.size() > 2 && path.starts_with("/v") && path[2] >= '2' && path[2] <= '9';
}

bool is_v1_base(std::string_view path) {
    return path == "/management/v1" || path == "/admin/v1" || path == "/auth/v1" || path == "/system/v1";
}

}  // namespace

struct Endpoint::Impl {
    struct RestTarget {
        const Method* method;
        const RestBinding* binding;
    };

    const std::map<std::string, Method, std::less<>>& methods;
    Gate gate;
    PathRouter router;
    std::vector<RestTarget> targets;
    std::set<std::string, std::less<>> services;

    Impl(const std::map<std::string, Method, std::less<>>& all, Gate g) : methods(all), gate(g) {
        for (const auto& [name, method] : methods) {
            services.insert(method.descriptor->service()->full_name());
            for (const auto& binding : method.bindings) {
                if (!router.add(binding.verb, binding.path, targets.size())) refuse(name, "another method has the same path");
                targets.push_back({&method, &binding});
            }
        }
    }

    http::Route rest(const http::Request& request) const {
        if (http::answer_preflight(request, http::api_cors())) {
            return {.lane = Lane::in_line, .handle = [](http::Request& asked) { return *http::answer_preflight(asked, http::api_cors()); }};
        }
        auto match = router.match(request.method, request.path);
        switch (match.kind) {
            case PathRouter::Match::Kind::found:
                return rest_call(targets[match.target], std::move(match.values));
            case PathRouter::Match::Kind::other_method:
                return answer(method_not_allowed_response);
            case PathRouter::Match::Kind::malformed:
                return answer(bad_request);
            case PathRouter::Match::Kind::none:
                break;
        }
        return answer(is_v1_base(request.path) ? bad_request : not_found_response);
    }

    http::Route rest_call(RestTarget target, std::vector<std::string> values) const {
        const Method& method = *target.method;
        const bool streamed = static_cast<bool>(method.streamed);
        http::Route route = route_of(method, streamed ? method.stream_options : method.options);
        route.stream_body = streamed;
        route.handle = [this, target, streamed, values = std::move(values)](http::Request& request) {
            rest::RestCodec codec(*target.binding, values);
            auto response = target.method->answers ? rest::run_answers(gate, *target.method, request, codec)
                            : streamed             ? run_raw(gate, *target.method, request, codec)
                                                   : run_unary(gate, *target.method, request, codec);
            http::add_cors(request, http::api_cors(), response);
            return response;
        };
        return route;
    }

    /// nullptr when it is not registered with a handler of messages.
    const Method* find(const grpc::MethodPath& path) const {
        const auto found = methods.find(std::string(path.service) + "/" + std::string(path.method));
        return found != methods.end() && found->second.takes_messages() ? &found->second : nullptr;
    }

    /// gRPC, and gRPC-Web when `web` says in which form.
    http::Route grpc_call(const http::Request& request, const grpc::MethodPath& path, std::optional<grpc_web::Form> web) const {
        const auto refused = [&](Error error) { return refuse_grpc(std::move(error), web); };
        if (!web && request.version != http::Version::http2) return refused({Code::internal, "", "gRPC needs HTTP/2"});
        const Method* const method = find(path);
        if (!method) return refused({Code::unimplemented, "", unknown(path)});
        if (web && method->client_streams) return refused({Code::unimplemented, "", "gRPC-Web carries no streams of requests; use gRPC"});
        const auto timeout = parse_header(request, "grpc-timeout", grpc::parse_timeout);
        if (!timeout) return refused({Code::invalid_argument, "", "malformed grpc-timeout"});
        auto* const run = method->requests         ? grpc::run_requests
                          : method->client_streams ? grpc::run_conversation
                          : method->answers        ? grpc::run_answers
                                                   : run_grpc;
        http::Route route = call_route(*method, *timeout, [this, method, run, web](http::Request& call) {
            if (!web) return run(gate, *method, call);
            const auto unwrapped = grpc_web::unwrap(*web, call);
            return with_cors(call, grpc_web::wrap(*web, unwrapped ? run(gate, *method, call) : grpc::error_response(unwrapped.error())));
        });
        stream_body(*method, route);
        if (web == grpc_web::Form::text) route.max_body_bytes += route.max_body_bytes / 2;
        return route;
    }

    /// A conversation holds no thread and may rest; a stream of requests does.
    static void stream_body(const Method& method, http::Route& route) {
        route.stream_body = method.client_streams;
        route.body_may_rest = method.client_streams && method.server_streams;
        if (method.client_streams) route.max_body_bytes = kEndless;
    }

    static http::Response run_grpc(const Gate& gate, const Method& method, http::Request& request) {
        grpc::GrpcCodec codec;
        return run_unary(gate, method, request, codec);
    }

    /// Connect; `path` names a service that is served here.
    http::Route connect_call(const http::Request& request, const grpc::MethodPath& path) const {
        if (http::answer_preflight(request, http::api_cors())) {
            return in_line([](http::Request& asked) { return *http::answer_preflight(asked, http::api_cors()); });
        }
        const Method* const method = find(path);
        if (!method)
            return in_line([error = Error{Code::unimplemented, "", unknown(path)}](http::Request& call) { return not_found(call, error); });
        const bool by_get = request.method == "GET" && method->reads_only;
        if (request.method != "POST" && !by_get) return in_line([method](http::Request& call) { return wrong_verb(call, *method); });
        auto form = connect::parse_content_type(request.headers.get("content-type"));
        if (by_get) form = connect::form_of_query(request.query);
        const bool streams = method->requests || method->answers;
        if (streams) form = connect::parse_stream_type(request.headers.get("content-type"));
        if (!form || (method->client_streams && method->server_streams)) return in_line(unsupported_type);
        const auto timeout = parse_header(request, "connect-timeout-ms", connect::parse_timeout);
        if (!timeout) {
            Error malformed{Code::invalid_argument, "", "malformed connect-timeout-ms"};
            return streams ? refuse_connect_stream(*form, std::move(malformed)) : refuse_connect(std::move(malformed));
        }
        if (streams) {
            http::Route route = call_route(*method, *timeout, [this, method, form](http::Request& call) {
                return with_cors(call, (method->requests ? connect::run_requests : connect::run_answers)(gate, *method, call, *form));
            });
            stream_body(*method, route);
            return route;
        }
        return call_route(*method, *timeout, [this, method, form](http::Request& call) {
            connect::ConnectCodec codec(*form);
            return with_cors(call, run_unary(gate, *method, call, codec));
        });
    }

    std::string unknown(const grpc::MethodPath& path) const {
        const std::string service(path.service);
        return services.contains(service) ? "unknown method " + std::string(path.method) + " for service " + service
                                          : "unknown service " + service;
    }
};

Endpoint::Endpoint(const Registry& registry, Instances& instances, Authenticator& authenticator, Permissions& permissions, Guards guards)
    : impl_(std::make_unique<Impl>(registry.impl_->methods, Gate(instances, authenticator, permissions, guards))) {}
Endpoint::~Endpoint() = default;

std::optional<http::Route> Endpoint::route(const http::Request& request) const {
    if (const auto path = grpc::parse_method_path(request.path)) {
        const std::string_view type = request.headers.get("content-type");
        const auto web = grpc_web::parse_content_type(type);
        if (web || grpc::is_content_type(type)) {
            return request.method == "POST" ? impl_->grpc_call(request, *path, web) : answer(method_not_allowed_response);
        }
        if (impl_->services.contains(path->service)) return impl_->connect_call(request, *path);
    }
    if (request.path.find("//") != std::string::npos) {
        auto clean = without_empty_segments(request.path);
        return belongs_to_contract(clean) ? std::optional(redirect_to(std::move(clean), request)) : std::nullopt;
    }
    return belongs_to_contract(request.path) ? std::optional(impl_->rest(request)) : std::nullopt;
}

http::Response refusal_response(const http::Refusal& refusal, const http::Request* request) {
    if (!request) return http::json_refusal(refusal);
    const Error error{http::refusal_code(refusal.status), "", refusal.message};
    const std::string_view type = request->headers.get("content-type");
    if (grpc::is_content_type(type)) return grpc::error_response(error);
    if (const auto web = grpc_web::parse_content_type(type)) return with_cors(*request, grpc_web::wrap(*web, grpc::error_response(error)));
    if (grpc::parse_method_path(request->path)) return with_cors(*request, connect::error_response(error));
    return http::json_refusal(refusal);
}

}  // namespace godwit::rpc
