#include "transport/rpc/password_lane.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "transport/rpc/grpc.h"
#include "transport/rpc/method.h"

namespace godwit::rpc {
namespace {

namespace pb = google::protobuf;
using WireFormat = pb::internal::WireFormatLite;

bool names_one(std::string_view json, const Method& method) {
    return std::ranges::any_of(method.password_fields, [&](const pb::FieldDescriptor* field) {
        return json.find('"' + field->json_name() + '"') != json.npos || json.find('"' + field->name() + '"') != json.npos;
    });
}

bool carries_one(std::string_view message, const Method& method) {
    pb::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<int>(message.size()));
    while (const std::uint32_t tag = in.ReadTag()) {
        const int number = WireFormat::GetTagFieldNumber(tag);
        if (std::ranges::any_of(method.password_fields, [&](const pb::FieldDescriptor* field) { return field->number() == number; }))
            return true;
        if (!WireFormat::SkipField(&in, tag)) return false;
    }
    return false;
}

}  // namespace

Lane lane_of_body(const Method& method, const http::Request& request) {
    const std::string_view type = request.headers.get("content-type"), body = request.body;
    bool found = false;
    if (type.starts_with("application/grpc")) {
        found = body.size() > grpc::kFrameHeader && carries_one(body.substr(grpc::kFrameHeader), method);
    } else if (type.starts_with("application/proto")) {
        found = carries_one(body, method);
    } else {
        found = names_one(body, method);
    }
    return found ? Lane::hash : Lane(method.options.lane);
}

}  // namespace godwit::rpc
