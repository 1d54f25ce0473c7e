// Streams of messages, whichever encoding carries them: answers made as the client takes them, requests taken as they come. Between
// messages answers hold no thread. Frames are those of gRPC, which Connect shares.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "transport/rpc/compression.h"
#include "transport/rpc/exchange.h"

namespace godwit::rpc {

/// How an encoding writes messages one after the other, and how their stream ended.
class Framing {
public:
    virtual ~Framing() = default;
    virtual Result<std::string> message(const google::protobuf::Message& message) = 0;
    /// What the body ends with; `error` is null after the last message.
    virtual std::string end(const Error* error) = 0;
    virtual http::Headers trailers(const Error* error) {
        (void)error;
        return {};
    }
    /// Whether a stream that failed is broken off, since its end cannot say it.
    virtual bool breaks_off() const { return false; }
    /// Sent when nothing else was for a while, so that nobody on the way takes the connection for dead.
    virtual std::string keep_alive() const { return {}; }
};

struct AnswerStream {
    http::Response head;
    std::unique_ptr<Framing> framing;
};

/// One request, a stream of answers. `open` is asked once the request was decoded; what fails before is told by `codec`.
http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, Codec& codec,
                           const std::function<AnswerStream()>& open);

/// Whatever says the messages of `answers`, by `framing`.
std::unique_ptr<http::BodySource> answers_source(const Method& method, const http::Request& request, std::unique_ptr<Framing> framing,
                                                 std::unique_ptr<AnyAnswers> answers);

/// Reads the message of one frame.
using FrameReader = std::function<Result<void>(std::string_view bytes, google::protobuf::Message& message)>;

/// A stream of requests in frames, one answer.
Result<void> run_requests(const Gate& gate, const Method& method, http::Request& request, Coding coding, const FrameReader& read,
                          google::protobuf::Message& response);

}  // namespace godwit::rpc
