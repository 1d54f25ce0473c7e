// REST calls without a body: every path of the contract, its variables and queries. The first line is the path, the rest the query.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/url.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/method.h"
#include "transport/rpc/query_decode.h"
#include "transport/rpc/validate.h"
#include "zitadel/admin.pb.h"
#include "zitadel/auth.pb.h"
#include "zitadel/management.pb.h"
#include "zitadel/oidc/v2/oidc_service.pb.h"
#include "zitadel/session/v2/session_service.pb.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace {

namespace pb = google::protobuf;
namespace rpc = godwit::rpc;

struct Contract {
    struct Target {
        const pb::Message* request;
        rpc::RestBinding binding;
    };
    rpc::PathRouter router;
    std::vector<Target> targets;

    Contract() {
        add(zitadel::management::v1::HealthzRequest::descriptor()->file());
        add(zitadel::admin::v1::HealthzRequest::descriptor()->file());
        add(zitadel::auth::v1::HealthzRequest::descriptor()->file());
        add(zitadel::user::v2::AddHumanUserRequest::descriptor()->file());
        add(zitadel::session::v2::CreateSessionRequest::descriptor()->file());
        add(zitadel::oidc::v2::CreateCallbackRequest::descriptor()->file());
    }
    void add(const pb::FileDescriptor* file) {
        for (int s = 0; s < file->service_count(); ++s) {
            for (int m = 0; m < file->service(s)->method_count(); ++m) {
                const auto* declared = file->service(s)->method(m);
                if (declared->client_streaming() || declared->server_streaming()) continue;
                const rpc::Method method = rpc::read_declaration(declared->service()->full_name() + "/" + declared->name());
                for (const auto& binding : method.bindings) {
                    if (router.add(binding.verb, binding.path, targets.size())) targets.push_back({method.request, binding});
                }
            }
        }
    }
};

/// The path that has these variables, written anew.
std::string expand(const rpc::PathTemplate& path, const std::vector<std::string>& values) {
    std::string out;
    auto value = values.begin();
    for (const auto& segment : path.segments) {
        if (segment.kind == rpc::PathTemplate::Kind::literal) {
            out += "/" + segment.text;
        } else if (segment.kind == rpc::PathTemplate::Kind::one) {
            out += "/" + godwit::percent_encode(*value++);
        } else {
            for (const auto part : godwit::split(*value++, '/')) out += "/" + godwit::percent_encode(part);
        }
    }
    return out;
}

/// What came by the query must have a JSON form that is read as the same.
void check(const pb::Message& message) {
    (void)rpc::validate(message);
    const auto json = rpc::encode_json(message);
    if (!json) return;
    const std::unique_ptr<pb::Message> again(message.New());
    if (!rpc::decode_json(*json, *again) || !pb::util::MessageDifferencer::Equivalent(message, *again)) std::abort();
}

void read_call(const Contract::Target& target, const std::vector<std::string>& values, std::string_view query) {
    const std::unique_ptr<pb::Message> message(target.request->New());
    if (!rpc::decode_query(query, target.binding.bound, *message)) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!rpc::set_path_variable(*message, target.binding.variables[i], values[i])) return;
    }
    check(*message);
}

template <class T>
void read_query(std::string_view query) {
    T message;
    if (rpc::decode_query(query, {}, message)) check(message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using Kind = rpc::PathRouter::Match::Kind;
    static const Contract contract;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const auto path = text.substr(0, line);
    const auto query = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
    (void)rpc::PathTemplate::parse(path);
    for (const std::string_view verb : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
        const auto match = contract.router.match(verb, path);
        if (match.kind != Kind::found) continue;
        const auto& target = contract.targets[match.target];
        const auto again = contract.router.match(verb, expand(target.binding.path, match.values));
        if (again.kind != Kind::found || again.target != match.target || again.values != match.values) std::abort();
        read_call(target, match.values, query);
    }
    // Few calls by GET have much of a query: these messages have every kind of field.
    read_query<zitadel::management::v1::ListUsersRequest>(query);
    read_query<zitadel::management::v1::AddMachineKeyRequest>(query);
    read_query<zitadel::session::v2::CreateSessionRequest>(query);
    return 0;
}
