#include "api/admin/import.h"

#include "api/encode/encode.h"
#include "migration/spool.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/registry.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;
constexpr std::string_view kMethod = "zitadel.admin.v1.AdminService/ImportData";
constexpr std::string_view kService = "Import";

ImportCall import_call(const rpc::Call& call) {
    ImportCall out{.instance = call.instance, .editor = editor_of(call, kService)};
    if (call.request != nullptr) out.cancelled = call.request->cancelled;
    return out;
}

}  // namespace

void register_import(rpc::Registry& registry, const ImportServices& services, const ImportLimits& limits) {
    registry.on_stream(kMethod, {.lane = Lane::bulk, .max_request_bytes = limits.body_bytes},
                       [services, limits](const rpc::Call& call, const google::protobuf::Message&, http::BodyStream& body,
                                          google::protobuf::Message& response) -> Result<void> {
                           const auto spool = TRY(migration::spool_body(body, limits.spool_directory, limits.body_bytes));
                           return run_import(services, import_call(call), spool.fd(), static_cast<pb::ImportDataResponse&>(response));
                       });
    registry.on(
        kMethod, {.lane = Lane::bulk},
        [services, limits](const rpc::Call& call, const pb::ImportDataRequest& request, pb::ImportDataResponse& response) -> Result<void> {
            auto spool = TRY(migration::Spool::create(limits.spool_directory));
            TRY(spool.append(TRY(rpc::encode_json(request))));
            return run_import(services, import_call(call), spool.fd(), response);
        });
}

}  // namespace godwit::api
