#include "api/admin/login_texts.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/login_texts.h"
#include "transport/rpc/registry.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;
constexpr std::string_view kService = "Admin-API";

}  // namespace

void register_admin_login_texts(rpc::Registry& rpc, text::Texts& texts) {
    rpc.on("zitadel.admin.v1.AdminService/GetCustomLoginTexts", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetCustomLoginTextsRequest& request, pb::GetCustomLoginTextsResponse& response) {
               return get_custom_login_texts(texts, OrgScope(call.instance, OrgId{}), request.language(), *response.mutable_custom_text());
           });

    rpc.on("zitadel.admin.v1.AdminService/GetDefaultLoginTexts", {.lane = Lane::read},
           [&](const rpc::Call&, const pb::GetDefaultLoginTextsRequest& request, pb::GetDefaultLoginTextsResponse& response) {
               return get_default_login_texts(texts, std::nullopt, request.language(), *response.mutable_custom_text());
           });

    on_change<pb::SetCustomLoginTextsRequest, pb::SetCustomLoginTextsResponse>(
        rpc, "zitadel.admin.v1.AdminService/SetCustomLoginText", {.lane = Lane::write}, [&](const rpc::Call& call, const auto& request) {
            return set_custom_login_texts(texts, OrgScope(call.instance, OrgId{}), editor_of(call, kService), request);
        });

    on_change<pb::ResetCustomLoginTextsToDefaultRequest, pb::ResetCustomLoginTextsToDefaultResponse>(
        rpc, "zitadel.admin.v1.AdminService/ResetCustomLoginTextToDefault", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const std::string language = TRY(checked_language(request.language()));
            return texts.reset(OrgScope(call.instance, OrgId{}), editor_of(call, kService), text::Kind::login, language);
        });
}

}  // namespace godwit::api
