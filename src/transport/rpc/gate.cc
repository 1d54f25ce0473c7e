#include "transport/rpc/gate.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "transport/rpc/method.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

std::string string_field(const pb::Message& message, const pb::FieldDescriptor* field) {
    return field ? message.GetReflection()->GetString(message, field) : std::string();
}

}  // namespace

std::string_view metadata(const http::Request& request, std::string_view name) {
    if (const auto value = request.headers.get(name); !value.empty()) return value;
    return request.headers.get("grpc-metadata-" + std::string(name));
}

Result<http::ShownToken> shown_token(const http::Request& request) {
    constexpr std::string_view kBearer = "Bearer ";
    const auto header = metadata(request, "authorization");
    if (header.empty()) return fail(Code::unauthenticated, "", "auth header missing");
    // Bearer is compared as the reference does, in exactly this spelling.
    if (header.starts_with(kBearer)) return http::ShownToken{std::string(header.substr(kBearer.size())), http::TokenScheme::bearer};
    auto shown = http::shown_token(header);
    if (shown.scheme != http::TokenScheme::dpop) return fail(Code::unauthenticated, "AUTH-toLo1", "invalid auth header");
    return shown;
}

Result<Call> Gate::admit(const Options& options, const http::Request& request, std::chrono::system_clock::time_point received) const {
    const bool is_public = options.rule.kind == Rule::Kind::anyone;
    const auto instance = options.any_host ? InstanceScope::of({}) : instances_.find_by_host(request.host);
    if (!instance) {
        return fail(Code::not_found, "", "Instance not found: no instance answers on the host \"" + request.host + "\"");
    }
    Call call{.instance = *instance, .org_id = {}, .caller = {}, .request = &request, .received = received};
    if (is_public) return call;
    call.caller = TRY(authenticator_.authenticate(*instance, TRY(shown_token(request)), &request));
    if (guards_.limits) TRY(guards_.limits->count(call, options.writes()));
    return call;
}

Result<void> Gate::authorize(const Method& method, const Options& options, const pb::Message* message, Call& call) const {
    if (options.rule.kind == Rule::Kind::anyone) return {};
    call.org_id = TRY(find_org(method, message, call));
    if (options.rule.kind != Rule::Kind::contract) return {};
    if (method.any_grant) return permissions_.check_any_grant(call.instance, call.caller, method.permission, call.org_id);
    const std::string checked = message ? string_field(*message, method.check_field) : std::string();
    return permissions_.check(call.instance, call.caller, method.permission, call.org_id, checked);
}

Result<OrgId> Gate::find_org(const Method& method, const pb::Message* message, const Call& call) const {
    if (message && method.org_field) {
        const auto& reflection = *message->GetReflection();
        if (!method.org_field->message_type()) {
            const auto id = string_field(*message, method.org_field);
            if (!id.empty()) return permissions_.resolve_org(call.instance, call.caller, id);
        } else if (reflection.HasField(*message, method.org_field)) {
            const auto& org = reflection.GetMessage(*message, method.org_field);
            const auto id = string_field(org, org.GetDescriptor()->FindFieldByName("org_id"));
            const auto domain = string_field(org, org.GetDescriptor()->FindFieldByName("org_domain"));
            if (!id.empty()) return permissions_.resolve_org(call.instance, call.caller, id);
            if (!domain.empty()) return permissions_.resolve_org_by_domain(call.instance, call.caller, domain);
        }
    }
    return permissions_.resolve_org(call.instance, call.caller, metadata(*call.request, "x-zitadel-orgid"));
}

}  // namespace godwit::rpc
