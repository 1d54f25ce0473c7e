// Errors as the clients of the contract see them: the one table to HTTP, the reference's JSON body, gRPC's trailers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace google::protobuf {
class Message;
}

namespace godwit::rpc {

/// "User could not be found (QUERY-Dfbg2)"; the bare message when the error has no id.
std::string shown_message(const Error& error);

int http_status(Code code);
/// That of its code, but 422 for a reused Idempotency-Key, as its specification wants it, and 408 and 413 for a body that was cut off.
int http_status(const Error& error);

/// When the same call may be tried again: of an overload, a limit, a database that is away, a call that is still under way; nullopt:
/// it would meet the same answer.
std::optional<std::chrono::seconds> retry_after(const Error& error);

/// WWW-Authenticate of an error that is unauthenticated: which schemes there are, and by the id of Authenticator's errors what was wrong.
std::string challenge_of(const Error& error);

/// What goes into the list of details: zitadel.v1.ErrorDetail, or CredentialsCheckError for a refused credential; null for an
/// error without id, or whose message is not UTF-8.
std::unique_ptr<google::protobuf::Message> error_detail(const Error& error);

/// `body` with the status and fields of an error: 401 carries WWW-Authenticate, what retry_after() names Retry-After.
http::Response json_error(const Error& error, std::string body);

/// {"code":5,"message":"… (QUERY-Dfbg2)","details":[{"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":…,"message":…}]},
/// with error_detail().
http::Response error_response(const Error& error);

/// What every unknown path answers: 404 {"code":5,"message":"Not Found"}.
http::Response not_found_response();
/// 405 {"code":12,"message":"Method Not Allowed"}.
http::Response method_not_allowed_response();

/// A JSON answer of the contract, which no cache may keep.
http::Response json_response(int status, std::string body);

}  // namespace godwit::rpc
