#include "api/management/idps.h"

#include "api/encode/encode.h"
#include "api/encode/idp.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

}  // namespace

void register_management_idps(rpc::Registry& rpc, idp::Idps& idps) {
    rpc.on("zitadel.management.v1.ManagementService/AddGenericOIDCProvider", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddGenericOIDCProviderRequest& request,
               pb::AddGenericOIDCProviderResponse& response) -> Result<void> {
               const auto idp = TRY(idps.create(call.org(), editor_of(call, kService), decode_generic_oidc(request)));
               response.set_id(idp.id);
               encode_created(idp.stamp, idp.owner_id, *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetProviderByID", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetProviderByIDRequest& request, pb::GetProviderByIDResponse& response) -> Result<void> {
               const auto idp = TRY(idps.find(call.org(), request.id()));
               if (!idp) return fail(Code::not_found, "QUERY-SAFrt", "Identity Provider Configuration doesn't exist");
               encode_provider(*idp, *response.mutable_idp());
               return {};
           });
}

}  // namespace godwit::api
