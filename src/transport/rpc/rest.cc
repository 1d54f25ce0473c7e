#include "transport/rpc/rest.h"

#include "transport/rpc/errors.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/query_decode.h"

namespace godwit::rpc::rest {
namespace pb = google::protobuf;

Result<void> RestCodec::decode(const Method&, const http::Request& request, pb::Message& message) {
    switch (binding_.body) {
        case RestBinding::Body::whole:
            TRY(decode_json(request.body, message));
            break;
        case RestBinding::Body::field:
            TRY(decode_json_field(request.body, message, *binding_.body_field));
            [[fallthrough]];
        case RestBinding::Body::none:
            TRY(decode_query(request.query, binding_.bound, message));
            break;
    }
    for (std::size_t i = 0; i < values_.size(); ++i) TRY(set_path_variable(message, binding_.variables[i], values_[i]));
    return {};
}

Result<http::Response> RestCodec::encode(const Method& method, const pb::Message& response) {
    return json_response(method.success_status, TRY(encode_json(response)));
}

http::Response RestCodec::refuse(const Error& error) { return error_response(error); }

}  // namespace godwit::rpc::rest
