// Connect: content type, time-out, the query of a GET, the JSON of an error. An error's JSON is one object whatever its texts hold.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/unicode.h"
#include "transport/rpc/connect.h"
#include "transport/rpc/json_decode.h"
#include "zitadel/management.pb.h"

namespace connect = godwit::rpc::connect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kMax = 1u << 16;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)connect::parse_content_type(text);
    if (const auto timeout = connect::parse_timeout(text); timeout && timeout->count() < 0) std::abort();
    if (const auto query = connect::parse_query(text)) {
        if (!connect::form_of_query(text) && text.starts_with("encoding=json&")) std::abort();
        zitadel::management::v1::GetUserByIDRequest request;
        const auto plain = query->coding == godwit::rpc::Coding::gzip ? godwit::rpc::gunzip(query->message, kMax) : query->message;
        if (plain && plain->size() <= kMax) (void)godwit::rpc::decode_json(*plain, request);
    }
    if (!godwit::is_valid_utf8(text)) return 0;
    const auto response = connect::error_response({godwit::Code::not_found, std::string(text), std::string(text)});
    google::protobuf::Struct object;
    if (!google::protobuf::util::JsonStringToMessage(std::get<std::string>(response.body), &object).ok()) std::abort();
    if (object.fields().at("code").string_value() != "not_found") std::abort();
    return 0;
}
