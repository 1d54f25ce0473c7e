// zitadel.oidc.v2.OIDCService: the way of sign-in pages that are not ours.
#pragma once

namespace godwit::application {
class Apps;
}
namespace godwit::instance {
class Instances;
}
namespace godwit::oidc {
class AuthRequests;
}
namespace godwit::project {
class Projects;
}
namespace godwit::rpc {
class Permissions;
class Registry;
}  // namespace godwit::rpc
namespace godwit::session {
class Sessions;
}

namespace godwit::api {

struct OidcServiceParts {
    oidc::AuthRequests& auth_requests;
    session::Sessions& sessions;
    const instance::Instances& instances;
    const application::Apps& apps;
    const project::Projects& projects;
    rpc::Permissions& permissions;
};

/// The parts must outlive the registry.
void register_oidc_service(rpc::Registry& registry, const OidcServiceParts& parts);

}  // namespace godwit::api
