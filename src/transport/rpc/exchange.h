// Carries out one call in one of the encodings: decode, gate, handler, encode.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "transport/rpc/gate.h"
#include "transport/rpc/method.h"

namespace godwit::rpc {

/// A REST call of `method` by its form `binding`; `values` are the texts of the path's variables.
http::Response run_rest(const Gate& gate, const Method& method, const RestBinding& binding, const std::vector<std::string>& values,
                        http::Request& request);

/// A REST call whose body the handler reads itself.
http::Response run_stream(const Gate& gate, const Method& method, http::Request& request);

/// A unary gRPC call.
http::Response run_grpc(const Gate& gate, const Method& method, http::Request& request);

}  // namespace godwit::rpc
