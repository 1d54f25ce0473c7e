#include "transport/rpc/method.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "google/api/annotations.pb.h"
#include "transport/rpc/query_decode.h"
#include "transport/rpc/validate.h"
#include "zitadel/options.pb.h"
#include "zitadel/protoc_gen_zitadel/v2/options.pb.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// check_field_name is the name in the reference's Go code: "ProjectId" is project_id.
const pb::FieldDescriptor* find_by_go_name(const pb::Descriptor& type, std::string_view go_name) {
    for (int i = 0; i < type.field_count(); ++i) {
        if (equals_ignoring_case(replace_all(type.field(i)->name(), "_", ""), go_name)) return type.field(i);
    }
    return nullptr;
}

bool is_org_message(const pb::FieldDescriptor& field) {
    const auto* type = field.message_type();
    return type && type->FindFieldByName("org_id") && type->FindFieldByName("org_domain");
}

void read_permission(Method& method) {
    const auto& options = method.descriptor->options();
    const auto& input = *method.descriptor->input_type();
    const auto& v1 = options.GetExtension(zitadel::v1::auth_option);
    const auto& v2 = options.GetExtension(zitadel::protoc_gen_zitadel::v2::options);
    method.permission = v1.permission().empty() ? v2.auth_option().permission() : v1.permission();
    if (!v1.check_field_name().empty()) {
        method.check_field = find_by_go_name(input, v1.check_field_name());
        if (!method.check_field || method.check_field->type() != pb::FieldDescriptor::TYPE_STRING) {
            refuse(method.name, "check_field_name " + v1.check_field_name() + " is no string field of the request");
        }
    }
    // Of the managers of grants the contract does not say which field names the grant; where it names none, managers of any count.
    if (method.permission.starts_with("project.grant.member.") && !method.check_field) {
        method.check_field = input.FindFieldByName("grant_id");
        method.any_grant = !method.check_field;
    }
    if (!v2.auth_option().org_field().empty()) {
        method.org_field = input.FindFieldByName(v2.auth_option().org_field());
        const bool fits =
            method.org_field && (method.org_field->type() == pb::FieldDescriptor::TYPE_STRING || is_org_message(*method.org_field));
        if (!fits) refuse(method.name, "org_field " + v2.auth_option().org_field() + " names no organization");
    }
    if (v2.http_response().success_code() != 0) method.success_status = v2.http_response().success_code();
}

/// The method and path of one rule; the custom kinds are not in use.
std::pair<std::string, std::string> pattern_of(const Method& method, const google::api::HttpRule& rule) {
    switch (rule.pattern_case()) {
        case google::api::HttpRule::kGet:
            return {"GET", rule.get()};
        case google::api::HttpRule::kPut:
            return {"PUT", rule.put()};
        case google::api::HttpRule::kPost:
            return {"POST", rule.post()};
        case google::api::HttpRule::kDelete:
            return {"DELETE", rule.delete_()};
        case google::api::HttpRule::kPatch:
            return {"PATCH", rule.patch()};
        default:
            refuse(method.name, "its google.api.http pattern is of a kind that is not served");
    }
}

RestBinding read_binding(const Method& method, const google::api::HttpRule& rule) {
    RestBinding out;
    const auto [verb, text] = pattern_of(method, rule);
    out.verb = verb;
    auto path = PathTemplate::parse(std::string(base_path(method.descriptor->service()->full_name())) + text);
    if (!path) refuse(method.name, path.error().message);
    out.path = *std::move(path);
    out.variables = out.path.variables();
    out.bound = out.variables;
    for (const auto& variable : out.variables) {
        if (!find_field_path(*method.request, variable))
            refuse(method.name, "its path names " + variable + ", which is no field of the request");
    }
    if (!rule.response_body().empty()) refuse(method.name, "response_body is not served");
    if (method.client_streams) {
        // The body is the stream; what is said of it besides stands in the query.
        if (rule.body() != "*") refuse(method.name, "it streams its requests: its body must be \"*\"");
    } else if (rule.body() == "*") {
        out.body = RestBinding::Body::whole;
    } else if (!rule.body().empty()) {
        out.body = RestBinding::Body::field;
        out.body_field = method.descriptor->input_type()->FindFieldByName(rule.body());
        if (!out.body_field) refuse(method.name, "its body is " + rule.body() + ", which is no field of the request");
        out.bound.push_back(rule.body());
    }
    return out;
}

/// Whether a call changes nothing, so that Connect may make it by GET: the contract says so (idempotency_level), or its REST form is a
/// GET, or it is a search that the contract guards by a permission to read. Searches of v2 have POST and no permission in the contract;
/// their names say it.
bool reads_only(const Method& method) {
    if (method.client_streams || method.server_streams) return false;
    if (method.descriptor->options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS) return true;
    if (!method.bindings.empty() && method.bindings.front().verb == "GET") return true;
    const std::string_view name = method.descriptor->name();
    const bool searches = name.starts_with("List") || name.starts_with("Search");
    return searches && (method.permission.ends_with(".read") || method.permission == "authenticated" || method.permission.empty());
}

}  // namespace

void refuse(std::string_view method, std::string_view why) {
    std::fprintf(stderr, "rpc: cannot register %.*s: %.*s\n", static_cast<int>(method.size()), method.data(), static_cast<int>(why.size()),
                 why.data());
    std::abort();
}

std::string_view base_path(std::string_view service) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kBases{{
        {"zitadel.management.v1.ManagementService", "/management/v1"},
        {"zitadel.admin.v1.AdminService", "/admin/v1"},
        {"zitadel.auth.v1.AuthService", "/auth/v1"},
        {"zitadel.system.v1.SystemService", "/system/v1"},
    }};
    for (const auto& [name, path] : kBases) {
        if (name == service) return path;
    }
    return "";
}

Method read_declaration(std::string_view name) {
    Method method;
    method.name = name;
    const auto parts = split_once(name, '/');
    if (!parts) refuse(name, "a method is named package.Service/Method");
    const auto* service = pb::DescriptorPool::generated_pool()->FindServiceByName(std::string(parts->first));
    method.descriptor = service ? service->FindMethodByName(std::string(parts->second)) : nullptr;
    if (!method.descriptor) refuse(name, "proto/ does not declare it (a line in proto/implemented.txt, then tools/make_proto.mjs)");
    method.client_streams = method.descriptor->client_streaming();
    method.server_streams = method.descriptor->server_streaming();
    auto* factory = pb::MessageFactory::generated_factory();
    method.request = factory->GetPrototype(method.descriptor->input_type());
    method.response = factory->GetPrototype(method.descriptor->output_type());
    prepare_validation(*method.descriptor->input_type());
    read_permission(method);
    const auto& http = method.descriptor->options().GetExtension(google::api::http);
    if (http.pattern_case() != google::api::HttpRule::PATTERN_NOT_SET) {
        method.bindings.push_back(read_binding(method, http));
        for (const auto& more : http.additional_bindings()) method.bindings.push_back(read_binding(method, more));
        if (method.client_streams && method.server_streams) refuse(name, "the REST form of a conversation is not served");
    }
    if (method.client_streams && (method.check_field || method.org_field)) {
        refuse(name, "its permission depends on the request, which a stream hands over only later");
    }
    method.reads_only = reads_only(method);
    return method;
}

void check_rule(const Method& method, const Options& options) {
    const bool named = !method.permission.empty() && method.permission != "authenticated";
    switch (options.rule.kind) {
        case Rule::Kind::contract:
            if (!named) refuse(method.name, "the contract names no permission, so the registration must name a Rule");
            break;
        case Rule::Kind::anyone:
            if (!method.permission.empty()) refuse(method.name, "the contract wants \"" + method.permission + "\"; it cannot be public");
            break;
        case Rule::Kind::caller:
        case Rule::Kind::handler:
            if (named) refuse(method.name, "the contract names the permission " + method.permission + "; its Rule must be contract()");
            break;
    }
    if (options.rule.kind == Rule::Kind::handler && (options.rule.why.empty() || options.rule.check.permission.empty()))
        refuse(method.name, "Rule::handler must say what the handler checks");
    if (options.any_host && options.rule.kind != Rule::Kind::anyone) refuse(method.name, "any_host is for public methods only");
}

}  // namespace godwit::rpc
