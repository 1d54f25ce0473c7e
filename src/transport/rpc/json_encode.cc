#include "transport/rpc/json_encode.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

namespace godwit::rpc {

Result<std::string> encode_json(const google::protobuf::Message& message) {
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(message, &json);
    if (!status.ok()) return fail(Code::internal, "RPC-Js0n1", message.GetTypeName() + " has no JSON form: " + status.ToString());
    return json;
}

}  // namespace godwit::rpc
