// Calls whose whole answer is what they changed: most of those that write.
#pragma once

#include <string_view>
#include <utility>

#include "api/encode/encode.h"

namespace godwit::api {

/// Registers one. `change(call, request)` makes the change and answers it (Result<directory::Change>); the response has nothing but its
/// details.
template <class Request, class Response, class Fn>
void on_change(rpc::Registry& rpc, std::string_view method, rpc::Options options, Fn change) {
    rpc.on(method, std::move(options),
           [change = std::move(change)](const rpc::Call& call, const Request& request, Response& response) -> Result<void> {
               encode_changed(TRY(change(call, request)), *response.mutable_details());
               return {};
           });
}

}  // namespace godwit::api
