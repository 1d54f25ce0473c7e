// Every RPC that is served: one line for each resource of src/api.
#pragma once

namespace godwit::api {
class Migrations;
struct ImportLimits;
}  // namespace godwit::api
namespace godwit::rpc {
class Registry;
}

namespace godwit::app {

struct Services;

void register_rpcs(rpc::Registry& registry, Services& services, const api::ImportLimits& import_limits, api::Migrations& migrations);

}  // namespace godwit::app
