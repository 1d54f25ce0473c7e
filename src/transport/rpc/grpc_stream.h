// Streams of gRPC messages: answers made as the client takes them, and answers to each message of a client that streams too.
// No thread is held between messages.
#pragma once

#include "transport/rpc/exchange.h"

namespace godwit::rpc::grpc {

/// One request, a stream of answers.
http::Response run_answers(const Gate& gate, const Method& method, http::Request& request);

/// An answer to each message of `request.stream`, in their order.
http::Response run_conversation(const Gate& gate, const Method& method, http::Request& request);

}  // namespace godwit::rpc::grpc
