// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a writing call that is repeated under its key is answered again, not
// carried out again; whichever encoding carries it. docs/limits.md tells callers.
#pragma once

#include <functional>
#include <string>

#include "transport/rpc/registry.h"

namespace godwit::rpc {

struct Method;

/// A call under a key. Two are the same call when instance, caller and key are.
struct KeyedCall {
    InstanceScope instance;
    UserId caller;
    std::string key;
    /// SHA-256 over the method, the organization and the request. Not asked inside a transaction.
    std::function<Result<std::string>()> request_sha256;
};

/// What a call came to, in bytes that only this room reads.
struct Outcome {
    std::string bytes;
    bool final = false;  ///< would be the same again; else (store away, time over …) it is nothing to keep
};

/// Remembers outcomes. Implemented by app/.
class Idempotency {
public:
    virtual ~Idempotency() = default;
    /// The outcome kept for this call, or `work()`'s; kept when `work` wrote something. The first write of `work` commits together with the
    /// key, so that no crash makes a second one. Errors: those of the store, and:
    ///   kOtherRequest   the key was used for another request
    ///   kStillRunning   the first call with it has not ended
    ///   kOutcomeLost    the first call wrote something and its answer was not kept
    virtual Result<std::string> once(const KeyedCall& call, const std::function<Outcome()>& work) = 0;
};
inline constexpr std::string_view kOtherRequest = "IDEM-Oth02";  ///< failed_precondition, HTTP 422
inline constexpr std::string_view kStillRunning = "IDEM-Run03";  ///< aborted, HTTP 409 with Retry-After
inline constexpr std::string_view kOutcomeLost = "IDEM-Lost4";   ///< already_exists, HTTP 409

/// Runs the handler, under the request's key when it has one and the method writes for a caller. Error besides: invalid_argument
/// IDEM-Key01 for a key that is not 1–255 visible ASCII characters.
Result<void> run_once(Idempotency* idempotency, const Method& method, const Call& call, const google::protobuf::Message& request,
                      google::protobuf::Message& response);

/// The same for a body that the handler reads itself. It has to read it to the end before it writes.
Result<void> run_stream_once(Idempotency* idempotency, const Method& method, const Call& call, const google::protobuf::Message& head,
                             http::BodyStream& body, google::protobuf::Message& response);

}  // namespace godwit::rpc
