#include "api/auth/health.h"

#include "zitadel/admin.pb.h"
#include "zitadel/auth.pb.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

template <class Request, class Response>
void serve(rpc::Registry& rpc, std::string_view service) {
    rpc.on(std::string(service) + "/Healthz", {.lane = Lane::in_line, .rule = rpc::Rule::anyone()},
           [](const rpc::Call&, const Request&, Response&) -> Result<void> { return {}; });
}

}  // namespace

void register_health(rpc::Registry& rpc) {
    serve<zitadel::admin::v1::HealthzRequest, zitadel::admin::v1::HealthzResponse>(rpc, "zitadel.admin.v1.AdminService");
    serve<zitadel::auth::v1::HealthzRequest, zitadel::auth::v1::HealthzResponse>(rpc, "zitadel.auth.v1.AuthService");
    serve<zitadel::management::v1::HealthzRequest, zitadel::management::v1::HealthzResponse>(rpc,
                                                                                             "zitadel.management.v1.ManagementService");
}

}  // namespace godwit::api
