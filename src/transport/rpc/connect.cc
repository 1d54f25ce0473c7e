#include "transport/rpc/connect.h"

#include <google/protobuf/message.h>

#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "transport/rpc/errors.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"

namespace godwit::rpc::connect {
namespace pb = google::protobuf;
namespace {

/// By canonical code; the first is that of success, which has none.
constexpr std::array<std::string_view, 17> kCodeNames = {
    "",          "canceled",       "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};

Result<void> check_size(std::size_t size, std::uint64_t max_bytes) {
    if (size <= max_bytes) return {};
    return fail(Code::resource_exhausted, "",
                "received message larger than max (" + std::to_string(size) + " vs. " + std::to_string(max_bytes) + ")");
}

}  // namespace

Result<void> check_version(std::string_view version, std::string_view wanted) {
    if (version.empty() || version == wanted) return {};
    return fail(Code::invalid_argument, "", "the Connect protocol version must be \"" + std::string(wanted) + "\"");
}

Result<void> read_form(Form form, std::string_view bytes, pb::Message& message) {
    return form == Form::json ? decode_json(bytes, message) : parse_message(bytes, message);
}

std::optional<Form> parse_content_type(std::string_view content_type) {
    const auto type = trim(content_type.substr(0, content_type.find(';')));
    if (equals_ignoring_case(type, "application/json")) return Form::json;
    if (equals_ignoring_case(type, "application/proto")) return Form::proto;
    return std::nullopt;
}

std::optional<Form> parse_stream_type(std::string_view content_type) {
    const auto type = trim(content_type.substr(0, content_type.find(';')));
    if (equals_ignoring_case(type, "application/connect+json")) return Form::json;
    if (equals_ignoring_case(type, "application/connect+proto")) return Form::proto;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text) {
    constexpr std::size_t kMaxDigits = 10;
    if (text.empty() || text.size() > kMaxDigits || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return std::chrono::milliseconds(*parse_number<std::int64_t>(text));
}

std::optional<Form> form_of_query(std::string_view query) {
    const auto parameters = godwit::parse_query(query);
    const auto encoding = parameters ? find_parameter(*parameters, "encoding") : std::nullopt;
    if (encoding == "json") return Form::json;
    if (encoding == "proto") return Form::proto;
    return std::nullopt;
}

Result<Query> parse_query(std::string_view query) {
    const auto parameters = godwit::parse_query(query);
    if (!parameters) return fail(Code::invalid_argument, "", "malformed query");
    TRY(check_version(find_parameter(*parameters, "connect").value_or(""), "v1"));
    const auto message = find_parameter(*parameters, "message");
    if (!message) return fail(Code::invalid_argument, "", "the query lacks its parameter \"message\"");
    Query out{.coding = TRY(parse_coding(find_parameter(*parameters, "compression").value_or(""))), .message = std::string(*message)};
    const auto base64 = find_parameter(*parameters, "base64").value_or("");
    if (base64 != "" && base64 != "1") return fail(Code::invalid_argument, "", "the query's base64 must be 1, or left out");
    if (base64 == "1") {
        auto bytes = base64_decode_lenient(out.message);
        if (!bytes) return fail(Code::invalid_argument, "", "the query's message is not base64");
        out.message = *std::move(bytes);
    }
    return out;
}

std::string_view name_of(Code code) { return kCodeNames[static_cast<std::size_t>(code)]; }

std::string error_json(const Error& error) {
    std::string body = "{\"code\":\"" + std::string(name_of(error.code)) + "\",\"message\":";
    append_json_string(body, shown_message(error));
    if (const auto detail = error_detail(error)) {
        // A message that is not UTF-8 cannot be a detail.
        if (const auto debug = encode_json(*detail)) {
            body += ",\"details\":[{\"type\":\"" + detail->GetTypeName() + "\",\"value\":\"" +
                    base64_encode(detail->SerializeAsString(), Base64::standard_unpadded) + "\",\"debug\":" + *debug + "}]";
        }
    }
    return body + "}";
}

http::Response error_response(const Error& error) { return json_error(error, error_json(error)); }

Result<void> ConnectCodec::decode(const Method& method, const http::Request& request, pb::Message& message) {
    const std::uint64_t max_bytes = method.options.max_request_bytes;
    gzip_answer_ = accepts_gzip(request.headers.get("accept-encoding"));
    TRY(check_version(request.headers.get("connect-protocol-version"), "1"));
    Coding coding = Coding::identity;
    std::string asked;
    std::string_view bytes = request.body;
    if (request.method == "GET") {
        Query query = TRY(parse_query(request.query));
        coding = query.coding;
        asked = std::move(query.message);
        bytes = asked;
    } else {
        coding = TRY(parse_coding(request.headers.get("content-encoding")));
    }
    if (coding == Coding::identity) {
        TRY(check_size(bytes.size(), max_bytes));
        return read_form(form_, bytes, message);
    }
    return read_form(form_, TRY(gunzip(bytes, max_bytes)), message);
}

Result<http::Response> ConnectCodec::encode(const Method&, const pb::Message& message) {
    http::Response response;
    std::string bytes = form_ == Form::json ? TRY(encode_json(message)) : message.SerializeAsString();
    response.headers.set("content-type", form_ == Form::json ? "application/json" : "application/proto");
    response.headers.set("cache-control", "no-store");
    response.headers.set("vary", "Accept-Encoding");
    if (gzip_answer_ && bytes.size() >= kWorthCompressing) {
        response.headers.set("content-encoding", "gzip");
        bytes = gzip(bytes);
    }
    response.body = std::move(bytes);
    return response;
}

}  // namespace godwit::rpc::connect
