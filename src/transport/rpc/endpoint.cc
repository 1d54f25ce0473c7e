#include <google/protobuf/descriptor.h>

#include <set>

#include "transport/http/cors.h"
#include "transport/rpc/errors.h"
#include "transport/rpc/exchange.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/path_router.h"
#include "transport/rpc/registry.h"
#include "transport/rpc/registry_impl.h"

namespace godwit::rpc {
namespace {

/// Room for the length prefix, and for a message a little over the limit: that gets a status that says so, where the transport
/// could only cut the request off.
constexpr std::uint64_t kGrpcSlack = 64u << 10;

http::Route answer(http::Response (*make)()) {
    return {.lane = Lane::in_line, .handle = [make](http::Request& request) {
                auto response = make();
                http::add_cors(request, http::api_cors(), response);
                return response;
            }};
}

http::Response bad_request() { return error_response({Code::invalid_argument, "", "Bad Request"}); }

http::Route grpc_failure(Error error) {
    return {.lane = Lane::in_line, .handle = [error = std::move(error)](http::Request&) { return grpc::error_response(error); }};
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
    for (const std::string_view base : {"/management/v1", "/admin/v1", "/auth/v1", "/system/v1"}) {
        if (path == base || (path.starts_with(base) && path[base.size()] == '/')) return true;
    }
    return path.size() > 2 && path.starts_with("/v") && path[2] >= '2' && path[2] <= '9';
}

bool is_v1_base(std::string_view path) {
    return path == "/management/v1" || path == "/admin/v1" || path == "/auth/v1" || path == "/system/v1";
}

Code code_of_refusal(int status) {
    switch (status) {
        case 408:
            return Code::deadline_exceeded;
        case 413:
        case 429:
        case 431:
            return Code::resource_exhausted;
        case 503:
            return Code::unavailable;
        default:
            return status < 500 ? Code::invalid_argument : Code::internal;
    }
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
        http::Route route;
        const bool streamed = static_cast<bool>(method.streamed);
        const Options& options = streamed ? method.stream_options : method.options;
        route.lane = options.lane;
        route.max_body_bytes = options.max_request_bytes;
        route.stream_body = streamed;
        route.handle = [this, target, streamed, values = std::move(values)](http::Request& request) {
            auto response =
                streamed ? run_stream(gate, *target.method, request) : run_rest(gate, *target.method, *target.binding, values, request);
            http::add_cors(request, http::api_cors(), response);
            return response;
        };
        return route;
    }

    http::Route grpc_call(const http::Request& request, std::string_view service, std::string_view name) const {
        if (request.version != http::Version::http2) return grpc_failure({Code::internal, "", "gRPC needs HTTP/2"});
        const auto found = methods.find(std::string(service) + "/" + std::string(name));
        if (found == methods.end() || !found->second.handler) {
            const bool known = services.contains(service);
            return grpc_failure({Code::unimplemented, "",
                                 known ? "unknown method " + std::string(name) + " for service " + std::string(service)
                                       : "unknown service " + std::string(service)});
        }
        std::optional<std::chrono::steady_clock::time_point> deadline;
        if (const auto* header = request.headers.find("grpc-timeout")) {
            const auto timeout = grpc::parse_timeout(*header);
            if (!timeout) return grpc_failure({Code::invalid_argument, "", "malformed grpc-timeout"});
            deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(*timeout);
        }
        const Method& method = found->second;
        return {.lane = method.options.lane,
                .max_body_bytes = method.options.max_request_bytes + kGrpcSlack,
                .handle = [this, &method, deadline](http::Request& call) {
                    if (deadline) call.deadline = call.deadline ? std::min(*call.deadline, *deadline) : *deadline;
                    return run_grpc(gate, method, call);
                }};
    }
};

Endpoint::Endpoint(const Registry& registry, Instances& instances, Authenticator& authenticator, Permissions& permissions)
    : impl_(std::make_unique<Impl>(registry.impl_->methods, Gate(instances, authenticator, permissions))) {}
Endpoint::~Endpoint() = default;

std::optional<http::Route> Endpoint::route(const http::Request& request) const {
    if (const auto path = grpc::parse_method_path(request.path)) {
        if (grpc::is_content_type(request.headers.get("content-type"))) {
            if (request.method != "POST") return answer(method_not_allowed_response);
            return impl_->grpc_call(request, path->service, path->method);
        }
        if (impl_->services.contains(path->service)) {
            return http::Route{.lane = Lane::in_line, .handle = [](http::Request&) {
                                   return http::text_response(415,
                                                              "application/grpc over HTTP/2 is served here; REST has paths of its own\n");
                               }};
        }
    }
    if (request.path.find("//") != std::string::npos) {
        auto clean = without_empty_segments(request.path);
        return belongs_to_contract(clean) ? std::optional(redirect_to(std::move(clean), request)) : std::nullopt;
    }
    return belongs_to_contract(request.path) ? std::optional(impl_->rest(request)) : std::nullopt;
}

http::Response refusal_response(const http::Refusal& refusal, const http::Request* request) {
    if (!request || !grpc::is_content_type(request->headers.get("content-type"))) return http::json_refusal(refusal);
    return grpc::error_response({code_of_refusal(refusal.status), "", refusal.message});
}

}  // namespace godwit::rpc
