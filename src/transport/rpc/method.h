// One RPC of the contract as the registry holds it: what its declaration says, and the handler behind it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/rpc/path_router.h"
#include "transport/rpc/registry.h"

namespace google::protobuf {
class FieldDescriptor;
}

namespace godwit::rpc {

/// One REST form of a method: google.api.http, or one of its additional_bindings.
struct RestBinding {
    enum class Body { none, whole, field };
    std::string verb;
    PathTemplate path;  ///< with the service's base path
    std::vector<std::string> variables;
    Body body = Body::none;
    const google::protobuf::FieldDescriptor* body_field = nullptr;
    std::vector<std::string> bound;  ///< what the query may not set: variables and the body's field
};

struct Method {
    using Handler = std::function<Result<void>(const Call&, const google::protobuf::Message&, google::protobuf::Message&)>;
    using RequestsHandler = std::function<Result<void>(const Call&, AnyRequests&, google::protobuf::Message&)>;
    using AnswersHandler = std::function<Result<std::unique_ptr<AnyAnswers>>(const Call&, const google::protobuf::Message&)>;

    std::string name;  ///< "package.Service/Method"
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    const google::protobuf::Message* request = nullptr;  ///< empty ones, to make others of
    const google::protobuf::Message* response = nullptr;
    std::string permission;  ///< of either option form; "" when the contract names none, "authenticated" when it only wants a caller
    const google::protobuf::FieldDescriptor* check_field = nullptr;  ///< check_field_name: a project's or grant's id
    bool any_grant = false;  ///< the call is about grants and names none: whoever has the permission on one may
    const google::protobuf::FieldDescriptor* org_field = nullptr;  ///< org_field: the organization the call is about
    int success_status = 200;
    bool client_streams = false, server_streams = false;
    /// May be called by Connect's GET: see reads_only() in method.cc.
    bool reads_only = false;
    std::vector<RestBinding> bindings;

    Options options{.lane = Lane::read}, stream_options{.lane = Lane::read};
    std::vector<const google::protobuf::FieldDescriptor*> password_fields;  ///< of `options`
    Handler handler;           ///< of one message (each, where both sides stream); empty when only one of those below is served
    RawHandler streamed;       ///< empty when the body is not taken as a stream
    AnswersHandler answers;    ///< set when the server alone streams
    RequestsHandler requests;  ///< set when the client alone streams

    /// Whether gRPC and Connect reach it.
    bool takes_messages() const { return handler || answers || requests; }
};

/// Reads the declaration of "package.Service/Method". Aborts with the reason when there is none or it is of a kind that is not served.
Method read_declaration(std::string_view name);

/// Aborts unless the rule fits what the contract says.
void check_rule(const Method& method, const Options& options);

/// A programmer's mistake at registration: says it and aborts.
[[noreturn]] void refuse(std::string_view method, std::string_view why);

/// "/management/v1" and the like: the v1 services declare their paths without it.
std::string_view base_path(std::string_view service);

}  // namespace godwit::rpc
