// What stands behind rpc::Registry; for registry.cc, endpoint.cc and openapi.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "transport/rpc/method.h"

namespace godwit::rpc {

struct Registry::Impl {
    std::map<std::string, Method, std::less<>> methods;  ///< by "package.Service/Method"

    /// The entry of that name; its declaration is read at the first call.
    Method& get(std::string_view name);
};

}  // namespace godwit::rpc
