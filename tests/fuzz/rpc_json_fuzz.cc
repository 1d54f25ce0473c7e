// JSON bodies: whatever is taken must have a JSON form that is taken again and means the same.
#include <google/protobuf/util/message_differencer.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/validate.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace {

template <class T>
void round_trip(std::string_view json) {
    T message, again;
    if (!godwit::rpc::decode_json(json, message)) return;
    (void)godwit::rpc::validate(message);
    const auto text = godwit::rpc::encode_json(message);
    if (!text) return;
    if (!godwit::rpc::decode_json(*text, again) || !google::protobuf::util::MessageDifferencer::Equivalent(message, again)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    round_trip<zitadel::management::v1::ImportHumanUserRequest>(json);
    round_trip<zitadel::management::v1::ListUsersRequest>(json);
    round_trip<zitadel::session::v2::CreateSessionRequest>(json);
    return 0;
}
