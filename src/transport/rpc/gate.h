// What every call passes before its handler runs, whichever encoding carried it: instance, caller, organization, permission.
#pragma once

#include <chrono>
#include <string_view>

#include "transport/rpc/registry.h"

namespace godwit::rpc {

struct Method;

class Gate {
public:
    Gate(Instances& instances, Authenticator& authenticator, Permissions& permissions, const Guards& guards)
        : instances_(instances), authenticator_(authenticator), permissions_(permissions), guards_(guards) {}

    /// Before the request is decoded: finds the instance by the host, and the caller by the token unless the method is public; counts
    /// the call for the caller's limits.
    Result<Call> admit(const Options& options, const http::Request& request, std::chrono::system_clock::time_point received) const;

    /// Before the handler: settles call.org_id and the contract's permission. `message` is null where the body is a stream.
    Result<void> authorize(const Method& method, const Options& options, const google::protobuf::Message* message, Call& call) const;

    const Guards& guards() const { return guards_; }

private:
    Result<OrgId> find_org(const Method& method, const google::protobuf::Message* message, const Call& call) const;

    Instances& instances_;
    Authenticator& authenticator_;
    Permissions& permissions_;
    Guards guards_;
};

/// The token in the header Authorization. Errors: unauthenticated "" (none), AUTH-toLo1 (of another scheme).
Result<http::ShownToken> shown_token(const http::Request& request);

/// A request header, or the same sent as Grpc-Metadata-<name>, which the reference's gateway passes on.
std::string_view metadata(const http::Request& request, std::string_view name);

}  // namespace godwit::rpc
