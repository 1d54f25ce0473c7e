// Streams of gRPC messages (streams.h): answers, requests, and answers to each message of a client that streams too.
#pragma once

#include "transport/rpc/exchange.h"

namespace godwit::rpc::grpc {

/// One request, a stream of answers.
http::Response run_answers(const Gate& gate, const Method& method, http::Request& request);

/// A stream of requests, one answer.
http::Response run_requests(const Gate& gate, const Method& method, http::Request& request);

/// An answer to each message of `request.stream`, in their order; no thread is held between them.
http::Response run_conversation(const Gate& gate, const Method& method, http::Request& request);

}  // namespace godwit::rpc::grpc
