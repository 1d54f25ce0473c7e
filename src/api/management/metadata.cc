#include "api/management/metadata.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/metadata.h"
#include "api/management/users_encode.h"
#include "directory/org/metadata.h"
#include "directory/user/metadata.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

}  // namespace

void register_user_metadata(rpc::Registry& rpc, user::Metadata& metadata) {
    rpc.on("zitadel.management.v1.ManagementService/ListUserMetadata", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListUserMetadataRequest& request, pb::ListUserMetadataResponse& response) -> Result<void> {
               const auto listed = TRY(metadata.list(user_ref(call, request.id()), decode(request.queries()), decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& entry : listed.rows) encode(entry, *response.add_result());
               return {};
           });
    rpc.on("zitadel.management.v1.ManagementService/GetUserMetadata", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetUserMetadataRequest& request, pb::GetUserMetadataResponse& response) -> Result<void> {
               encode(TRY(metadata.get(user_ref(call, request.id()), request.key())), *response.mutable_metadata());
               return {};
           });
    rpc.on("zitadel.management.v1.ManagementService/SetUserMetadata", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::SetUserMetadataRequest& request, pb::SetUserMetadataResponse& response) -> Result<void> {
               const directory::MetadataEntry entry(request.key(), request.value());
               encode_created(TRY(metadata.set(user_ref(call, request.id()), std::span(&entry, 1), editor_of(call, kService))),
                              *response.mutable_details());
               return {};
           });
    on_change<pb::BulkSetUserMetadataRequest, pb::BulkSetUserMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/BulkSetUserMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const auto entries = metadata_entries(request.metadata());
            return metadata.set(user_ref(call, request.id()), entries, editor_of(call, kService));
        });
    on_change<pb::RemoveUserMetadataRequest, pb::RemoveUserMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/RemoveUserMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const std::string key = request.key();
            return metadata.remove(user_ref(call, request.id()), std::span(&key, 1), directory::no_such_metadatum(),
                                   editor_of(call, kService));
        });
    on_change<pb::BulkRemoveUserMetadataRequest, pb::BulkRemoveUserMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/BulkRemoveUserMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const auto keys = metadata_keys(request.keys());
            return metadata.remove(user_ref(call, request.id()), keys, directory::not_all_metadata(), editor_of(call, kService));
        });
}

void register_org_metadata(rpc::Registry& rpc, org::Metadata& metadata) {
    rpc.on("zitadel.management.v1.ManagementService/ListOrgMetadata", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListOrgMetadataRequest& request, pb::ListOrgMetadataResponse& response) -> Result<void> {
               const auto listed = TRY(metadata.list(call.org(), decode(request.queries()), decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& entry : listed.rows) encode(entry, *response.add_result());
               return {};
           });
    rpc.on("zitadel.management.v1.ManagementService/GetOrgMetadata", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetOrgMetadataRequest& request, pb::GetOrgMetadataResponse& response) -> Result<void> {
               encode(TRY(metadata.get(call.org(), request.key())), *response.mutable_metadata());
               return {};
           });
    rpc.on("zitadel.management.v1.ManagementService/SetOrgMetadata", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::SetOrgMetadataRequest& request, pb::SetOrgMetadataResponse& response) -> Result<void> {
               const directory::MetadataEntry entry(request.key(), request.value());
               encode_created(TRY(metadata.set(call.org(), std::span(&entry, 1), editor_of(call, kService))), *response.mutable_details());
               return {};
           });
    on_change<pb::BulkSetOrgMetadataRequest, pb::BulkSetOrgMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/BulkSetOrgMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const auto entries = metadata_entries(request.metadata());
            return metadata.set(call.org(), entries, editor_of(call, kService));
        });
    on_change<pb::RemoveOrgMetadataRequest, pb::RemoveOrgMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/RemoveOrgMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const std::string key = request.key();
            return metadata.remove(call.org(), std::span(&key, 1), directory::no_such_metadatum(), editor_of(call, kService));
        });
    on_change<pb::BulkRemoveOrgMetadataRequest, pb::BulkRemoveOrgMetadataResponse>(
        rpc, "zitadel.management.v1.ManagementService/BulkRemoveOrgMetadata", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const auto keys = metadata_keys(request.keys());
            return metadata.remove(call.org(), keys, directory::not_all_metadata(), editor_of(call, kService));
        });
}

}  // namespace godwit::api
