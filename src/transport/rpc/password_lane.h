// Which lane a call belongs to when that depends on whether its request brings a plain password.
#pragma once

#include "base/lane.h"
#include "transport/http/message.h"

namespace godwit::rpc {

struct Method;

/// Lane::hash when the body seems to set one of the method's password fields, else the method's own lane. A look at the bytes, fit for
/// an I/O thread: JSON is searched for the fields' names, of protobuf (gRPC, Connect) only the outermost tags are read. It may err (a name
/// spelled with escapes, a compressed body): then the password is hashed where the call runs, one at a time
/// (signin::PasswordCheck::prepare).
Lane lane_of_body(const Method& method, const http::Request& request);

}  // namespace godwit::rpc
