#include "api/management/login_texts.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/encode/login_texts.h"
#include "transport/rpc/registry.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

}  // namespace

void register_management_login_texts(rpc::Registry& rpc, text::Texts& texts) {
    rpc.on("zitadel.management.v1.ManagementService/GetCustomLoginTexts", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetCustomLoginTextsRequest& request, pb::GetCustomLoginTextsResponse& response) {
               return get_custom_login_texts(texts, call.org(), request.language(), *response.mutable_custom_text());
           });

    rpc.on("zitadel.management.v1.ManagementService/GetDefaultLoginTexts", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetDefaultLoginTextsRequest& request, pb::GetDefaultLoginTextsResponse& response) {
               return get_default_login_texts(texts, call.instance, request.language(), *response.mutable_custom_text());
           });

    on_change<pb::SetCustomLoginTextsRequest, pb::SetCustomLoginTextsResponse>(
        rpc, "zitadel.management.v1.ManagementService/SetCustomLoginText", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) {
            return set_custom_login_texts(texts, call.org(), editor_of(call, kService), request);
        });

    on_change<pb::ResetCustomLoginTextsToDefaultRequest, pb::ResetCustomLoginTextsToDefaultResponse>(
        rpc, "zitadel.management.v1.ManagementService/ResetCustomLoginTextToDefault", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const std::string language = TRY(checked_language(request.language()));
            return texts.reset(call.org(), editor_of(call, kService), text::Kind::login, language);
        });
}

}  // namespace godwit::api
