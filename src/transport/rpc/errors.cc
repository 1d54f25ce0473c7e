#include "transport/rpc/errors.h"

#include <algorithm>
#include <limits>

#include "base/encoding.h"
#include "base/unicode.h"
#include "transport/http/authorization.h"
#include "transport/http/body_pipe.h"
#include "transport/rpc/idempotency.h"
#include "transport/rpc/json_encode.h"
#include "zitadel/message.pb.h"

namespace godwit::rpc {
namespace {

http::Response plain_json(int status, std::string body) {
    http::Response response;
    response.status = status;
    response.headers.set("content-type", "application/json");
    response.body = std::move(body);
    return response;
}

std::string body_of(int code, std::string_view message) {
    std::string body = "{\"code\":" + std::to_string(code) + ",\"message\":";
    append_json_string(body, message);
    return body + "}";
}

}  // namespace

std::string challenge_of(const Error& error) {
    constexpr std::string_view kOfDpop[] = {"invalid_token", "invalid_dpop_proof", "use_dpop_nonce"};
    if (std::ranges::find(kOfDpop, error.id) != std::end(kOfDpop)) return http::challenge(http::TokenScheme::dpop, error.id, error.message);
    if (error.id == "AUTH-7fs1e") return http::challenge(http::TokenScheme::bearer, "invalid_token", error.message);
    return http::challenge(http::TokenScheme::none);
}

std::string shown_message(const Error& error) { return error.id.empty() ? error.message : error.message + " (" + error.id + ")"; }

int http_status(Code code) {
    switch (code) {
        case Code::cancelled:
            return 499;
        case Code::invalid_argument:
        case Code::failed_precondition:
        case Code::out_of_range:
            return 400;
        case Code::unauthenticated:
            return 401;
        case Code::permission_denied:
            return 403;
        case Code::not_found:
            return 404;
        case Code::already_exists:
        case Code::aborted:
            return 409;
        case Code::resource_exhausted:
            return 429;
        case Code::unimplemented:
            return 501;
        case Code::unavailable:
            return 503;
        case Code::deadline_exceeded:
            return 504;
        case Code::unknown:
        case Code::internal:
        case Code::data_loss:
            return 500;
    }
    return 500;
}

int http_status(const Error& error) {
    if (error.id == kOtherRequest) return 422;
    // What the transport reports of a body that it was handing over is answered as its own refusals are.
    if (error.id == http::kBodyError && error.code == Code::deadline_exceeded) return 408;
    if (error.id == http::kBodyError && error.code == Code::resource_exhausted) return 413;
    return http_status(error.code);
}

std::optional<std::chrono::seconds> retry_after(const Error& error) {
    // What is exhausted without an id is the size of a message, or told by the transport, which knows the time better.
    const bool limited = http_status(error) == 429 && !error.id.empty();
    if (limited || error.code == Code::unavailable || error.id == kStillRunning) return std::chrono::seconds(1);
    return std::nullopt;
}

std::unique_ptr<google::protobuf::Message> error_detail(const Error& error) {
    // A field of a message holds UTF-8 alone; what is not keeps to the body, which escapes it.
    if (error.id.empty() || !is_valid_utf8(error.message)) return nullptr;
    if (error.failed_attempts) {
        auto detail = std::make_unique<zitadel::v1::CredentialsCheckError>();
        detail->set_id(error.id);
        detail->set_message(error.message);
        constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
        detail->set_failed_attempts(static_cast<std::int32_t>(std::min(*error.failed_attempts, kMost)));
        return detail;
    }
    auto detail = std::make_unique<zitadel::v1::ErrorDetail>();
    detail->set_id(error.id);
    detail->set_message(error.message);
    return detail;
}

http::Response json_error(const Error& error, std::string body) {
    http::Response response = json_response(http_status(error), std::move(body));
    if (response.status == 401) response.headers.set("www-authenticate", challenge_of(error));
    if (const auto wait = retry_after(error)) response.headers.set("retry-after", std::to_string(wait->count()));
    return response;
}

http::Response error_response(const Error& error) {
    std::string body = body_of(static_cast<int>(error.code), shown_message(error));
    if (const auto detail = error_detail(error)) {
        if (const auto json = encode_json(*detail)) {
            body.pop_back();
            body += ",\"details\":[{\"@type\":\"type.googleapis.com/" + detail->GetDescriptor()->full_name() + "\",";
            body.append(*json, 1);  // after its opening brace
            body += "]}";
        }
    }
    return json_error(error, std::move(body));
}

http::Response not_found_response() { return plain_json(404, body_of(static_cast<int>(Code::not_found), "Not Found")); }

http::Response method_not_allowed_response() {
    return plain_json(405, body_of(static_cast<int>(Code::unimplemented), "Method Not Allowed"));
}

http::Response json_response(int status, std::string body) {
    http::Response response = plain_json(status, std::move(body));
    response.headers.set("cache-control", "no-store");
    response.headers.set("pragma", "no-cache");
    return response;
}

}  // namespace godwit::rpc
