// Every RPC that is served: one line for each resource of src/api.
#pragma once

#include <cstdint>
#include <string>

namespace godwit::rpc {
class Registry;
}

namespace godwit::app {

struct Services;

struct ImportLimits {
    std::uint64_t import_body_bytes;
    std::string spool_directory;
};

void register_rpcs(rpc::Registry& registry, Services& services, const ImportLimits& import_limits);

}  // namespace godwit::app
