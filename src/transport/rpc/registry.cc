#include "transport/rpc/registry.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>

#include "transport/rpc/method.h"
#include "transport/rpc/registry_impl.h"

namespace godwit::rpc {

Result<void> Permissions::check_any_grant(InstanceScope instance, const Caller& caller, std::string_view permission, OrgId org) {
    return check(instance, caller, permission, org, {});
}

Result<OrgId> Permissions::resolve_org_by_domain(InstanceScope, const Caller&, std::string_view) {
    return fail(Code::permission_denied, "AUTH-Bs7Ds", "Organisation doesn't exist");
}

Excuse excuse_of(const TargetCheck& check, const Caller& caller, UserId user, OrgId org) {
    if (check.self && user && user == caller.user) return Excuse::self;
    if (check.own_org && org && org == caller.org) return Excuse::own_org;
    return Excuse::none;
}

Result<void> allow_target(Permissions& permissions, const Call& call, const TargetCheck& check, UserId user, OrgId org) {
    if (excuse_of(check, call.caller, user, org) != Excuse::none) return {};
    return permissions.check(call.instance, call.caller, check.permission, check.on == TargetCheck::On::user ? org : OrgId{}, "");
}

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Method& Registry::Impl::get(std::string_view name) {
    const auto found = methods.find(name);
    return found != methods.end() ? found->second : methods.emplace(name, read_declaration(name)).first->second;
}

namespace {

void check_types(const Method& entry, const google::protobuf::Message& request, const google::protobuf::Message& response) {
    if (entry.takes_messages()) refuse(entry.name, "it has a handler already");
    if (request.GetDescriptor() != entry.descriptor->input_type()) {
        refuse(entry.name, "it takes " + entry.descriptor->input_type()->full_name() + ", the handler " + request.GetTypeName());
    }
    if (response.GetDescriptor() != entry.descriptor->output_type()) {
        refuse(entry.name, "it answers " + entry.descriptor->output_type()->full_name() + ", the handler " + response.GetTypeName());
    }
}

}  // namespace

void Registry::add(std::string_view method, Options options, const google::protobuf::Message& request,
                   const google::protobuf::Message& response,
                   std::function<Result<void>(const Call&, const google::protobuf::Message&, google::protobuf::Message&)> handler) {
    Method& entry = impl_->get(method);
    check_types(entry, request, response);
    if (entry.client_streams != entry.server_streams) refuse(method, "it streams one way: it needs on_answers() or on_requests()");
    check_rule(entry, options);
    for (const auto name : options.password_fields) {
        const auto* field = entry.descriptor->input_type()->FindFieldByName(std::string(name));
        if (!field) refuse(method, "its password_fields name " + std::string(name) + ", which is no field of the request");
        entry.password_fields.push_back(field);
    }
    entry.options = std::move(options);
    entry.handler = std::move(handler);
}

void Registry::add_answers(std::string_view method, Options options, const google::protobuf::Message& request,
                           const google::protobuf::Message& response,
                           std::function<Result<std::unique_ptr<AnyAnswers>>(const Call&, const google::protobuf::Message&)> handler) {
    Method& entry = impl_->get(method);
    check_types(entry, request, response);
    if (entry.client_streams || !entry.server_streams) refuse(method, "it does not answer one request with a stream");
    check_rule(entry, options);
    entry.options = std::move(options);
    entry.answers = std::move(handler);
}

void Registry::add_requests(std::string_view method, Options options, const google::protobuf::Message& request,
                            const google::protobuf::Message& response,
                            std::function<Result<void>(const Call&, AnyRequests&, google::protobuf::Message&)> handler) {
    Method& entry = impl_->get(method);
    check_types(entry, request, response);
    if (!entry.client_streams || entry.server_streams) refuse(method, "it does not answer a stream of requests with one message");
    check_rule(entry, options);
    entry.options = std::move(options);
    entry.requests = std::move(handler);
}

void Registry::on_stream(std::string_view method, Options options, RawHandler handler) {
    Method& entry = impl_->get(method);
    if (entry.streamed) refuse(method, "it has a handler for streams already");
    if (entry.check_field || entry.org_field) refuse(method, "its permission depends on the request, which a stream hands over only later");
    check_rule(entry, options);
    entry.stream_options = std::move(options);
    entry.streamed = std::move(handler);
}

std::vector<const google::protobuf::MethodDescriptor*> Registry::methods() const {
    std::vector<const google::protobuf::MethodDescriptor*> out;
    for (const auto& [name, method] : impl_->methods) out.push_back(method.descriptor);
    return out;
}

std::vector<std::string> Registry::services() const {
    std::set<std::string> names;
    for (const auto& [name, method] : impl_->methods) names.insert(method.descriptor->service()->full_name());
    return {names.begin(), names.end()};
}

const Options& Registry::options(std::string_view method) const {
    const auto found = impl_->methods.find(method);
    if (found == impl_->methods.end()) refuse(method, "nobody serves it");
    return found->second.takes_messages() ? found->second.options : found->second.stream_options;
}

namespace {

Access access_of(const Method& method) {
    return {.method = method.name,
            .permission = method.permission,
            .rule = method.streamed && !method.takes_messages() ? method.stream_options.rule : method.options.rule,
            .check_field = method.check_field ? method.check_field->name() : "",
            .org_field = method.org_field ? method.org_field->name() : "",
            .any_grant = method.any_grant};
}

}  // namespace

std::optional<Access> Registry::access(std::string_view method) const {
    const auto found = impl_->methods.find(method);
    return found == impl_->methods.end() ? std::nullopt : std::optional(access_of(found->second));
}

std::optional<Access> Registry::access(std::string_view verb, std::string_view path) const {
    PathRouter router;
    std::vector<const Method*> targets;
    for (const auto& [name, method] : impl_->methods) {
        for (const auto& binding : method.bindings) {
            if (router.add(binding.verb, binding.path, targets.size())) targets.push_back(&method);
        }
    }
    const auto match = router.match(verb, path);
    return match.kind == PathRouter::Match::Kind::found ? std::optional(access_of(*targets[match.target])) : std::nullopt;
}

std::vector<std::string> Registry::unserved() const {
    std::set<const google::protobuf::ServiceDescriptor*> services;
    for (const auto& [name, method] : impl_->methods) services.insert(method.descriptor->service());
    std::vector<std::string> out;
    for (const auto* service : services) {
        for (int i = 0; i < service->method_count(); ++i) {
            std::string name = service->full_name() + "/" + service->method(i)->name();
            if (!impl_->methods.contains(name)) out.push_back(std::move(name));
        }
    }
    return out;
}

}  // namespace godwit::rpc
