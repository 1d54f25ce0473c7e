#include "transport/rpc/grpc.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "transport/rpc/errors.h"

namespace godwit::rpc::grpc {
namespace pb = google::protobuf;
namespace {

/// google.rpc.RetryInfo { google.protobuf.Duration retry_delay = 1; }
pb::Any retry_info(std::chrono::seconds delay) {
    pb::Duration duration;
    duration.set_seconds(delay.count());
    const std::string packed = duration.SerializeAsString();
    pb::Any any;
    any.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
    any.set_value(std::string{1 << 3 | 2, static_cast<char>(packed.size())} + packed);
    return any;
}

/// google.rpc.Status { int32 code = 1; string message = 2; repeated Any details = 3; } on the wire; empty without details.
std::string status_details(const Error& error) {
    std::vector<pb::Any> details;
    if (!error.id.empty()) {
        const auto detail = error_detail(error);
        details.emplace_back();
        if (detail) details.back().PackFrom(*detail);
    }
    if (const auto delay = retry_after(error)) details.push_back(retry_info(*delay));
    if (details.empty()) return "";

    constexpr std::uint32_t kCodeTag = 1 << 3 | 0, kMessageTag = 2 << 3 | 2, kDetailsTag = 3 << 3 | 2;
    std::string out;
    pb::io::StringOutputStream stream(&out);
    pb::io::CodedOutputStream coded(&stream);
    const auto put = [&](std::uint32_t tag, const std::string& bytes) {
        coded.WriteTag(tag);
        coded.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
        coded.WriteString(bytes);
    };
    coded.WriteTag(kCodeTag);
    coded.WriteVarint32(static_cast<std::uint32_t>(error.code));
    put(kMessageTag, shown_message(error));
    for (const pb::Any& detail : details) put(kDetailsTag, detail.SerializeAsString());
    coded.Trim();
    return out;
}

}  // namespace

bool is_content_type(std::string_view content_type) {
    const auto type = trim(content_type.substr(0, content_type.find(';')));
    return equals_ignoring_case(type, "application/grpc") || equals_ignoring_case(type, "application/grpc+proto");
}

std::optional<MethodPath> parse_method_path(std::string_view path) {
    if (!path.starts_with('/')) return std::nullopt;
    const auto parts = split_once(path.substr(1), '/');
    if (!parts || parts->first.find('.') == std::string_view::npos || parts->second.empty()) return std::nullopt;
    if (parts->second.find('/') != std::string_view::npos) return std::nullopt;
    return MethodPath{parts->first, parts->second};
}

Result<std::optional<Frame>> take_frame(std::string_view& bytes, std::uint64_t max_bytes) {
    if (bytes.size() < kFrameHeader) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
    const std::uint32_t length = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
    if (byte(0) > 1) return fail(Code::invalid_argument, "", "unknown flags of a message");
    if (length > max_bytes) {
        return fail(Code::resource_exhausted, "",
                    "received message larger than max (" + std::to_string(length) + " vs. " + std::to_string(max_bytes) + ")");
    }
    if (bytes.size() - kFrameHeader < length) return std::nullopt;
    const Frame frame{.compressed = byte(0) == 1, .payload = bytes.substr(kFrameHeader, length)};
    bytes.remove_prefix(kFrameHeader + length);
    return frame;
}

Result<Frame> read_frame(std::string_view body, std::uint64_t max_bytes) {
    if (body.size() < kFrameHeader) return fail(Code::invalid_argument, "", "the request holds no whole message");
    const auto frame = TRY(take_frame(body, max_bytes));
    if (!frame) return fail(Code::invalid_argument, "", "the message is cut off");
    if (!body.empty()) return fail(Code::invalid_argument, "", "more than one message in a unary call");
    return *frame;
}

Result<std::string_view> unpack(const Frame& frame, Coding coding, std::uint64_t max_bytes, std::string& storage) {
    if (!frame.compressed) return frame.payload;
    if (coding == Coding::identity) return fail(Code::invalid_argument, "", "a compressed message without grpc-encoding");
    storage = TRY(gunzip(frame.payload, max_bytes));
    return storage;
}

std::string frame_message(std::string_view message, Coding coding) {
    std::string packed;
    const bool compressed = coding == Coding::gzip && message.size() >= kWorthCompressing;
    if (compressed) message = packed = gzip(message);
    const auto length = static_cast<std::uint32_t>(message.size());
    std::string out{static_cast<char>(compressed), static_cast<char>(length >> 24), static_cast<char>(length >> 16),
                    static_cast<char>(length >> 8), static_cast<char>(length)};
    out += message;
    return out;
}

Result<Codings> read_codings(const http::Headers& headers) {
    return Codings{.request = TRY(parse_coding(headers.get("grpc-encoding"))),
                   .response = accepts_gzip(headers.get("grpc-accept-encoding")) ? Coding::gzip : Coding::identity};
}

std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 2 || text.size() > 9) return std::nullopt;
    const auto digits = text.substr(0, text.size() - 1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    const auto n = *parse_number<std::int64_t>(digits);
    switch (text.back()) {
        // 8 digits of hours are 11,000 years, more than nanoseconds can count: a time-out of a year is none.
        case 'H':
            return hours(std::min<std::int64_t>(n, 8760));
        case 'M':
            return minutes(std::min<std::int64_t>(n, 525'600));
        case 'S':
            return seconds(n);
        case 'm':
            return milliseconds(n);
        case 'u':
            return microseconds(n);
        case 'n':
            return nanoseconds(n);
        default:
            return std::nullopt;
    }
}

std::string encode_status_message(std::string_view message) {
    constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '%') {
            out += c;
        } else {
            out += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return out;
}

http::Response response_head(Coding coding) {
    http::Response response;
    response.headers.set("content-type", "application/grpc");
    response.headers.set("grpc-accept-encoding", kAcceptedCodings);
    if (coding == Coding::gzip) response.headers.set("grpc-encoding", "gzip");
    response.headers.set("cache-control", "no-store");
    return response;
}

http::Response message_response(const pb::Message& message, Coding coding) {
    http::Response response = response_head(coding);
    response.body = frame_message(message.SerializeAsString(), coding);
    response.trailers.set("grpc-status", "0");
    return response;
}

http::Headers status_fields(const Error& error) {
    http::Headers fields;
    fields.add("grpc-status", std::to_string(static_cast<int>(error.code)));
    fields.add("grpc-message", encode_status_message(shown_message(error)));
    if (const auto details = status_details(error); !details.empty())
        fields.add("grpc-status-details-bin", base64_encode(details, Base64::standard_unpadded));
    if (error.code == Code::unauthenticated) fields.add("www-authenticate", challenge_of(error));
    if (const auto delay = retry_after(error)) fields.add("retry-after", std::to_string(delay->count()));
    return fields;
}

http::Response error_response(const Error& error) {
    http::Response response = response_head(Coding::identity);
    for (const auto& [name, value] : status_fields(error)) response.headers.add(name, value);
    return response;
}

Result<void> GrpcCodec::decode(const Method& method, const http::Request& request, pb::Message& message) {
    codings_ = TRY(read_codings(request.headers));
    const Frame frame = TRY(read_frame(request.body, method.options.max_request_bytes));
    std::string storage;
    const auto bytes = TRY(unpack(frame, codings_.request, method.options.max_request_bytes, storage));
    return parse_message(bytes, message);
}

Result<http::Response> GrpcCodec::encode(const Method&, const pb::Message& message) { return message_response(message, codings_.response); }

}  // namespace godwit::rpc::grpc
