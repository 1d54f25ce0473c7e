#pragma once

namespace godwit::key {
class SigningKeys;
}
namespace godwit::rpc {
class Registry;
}

namespace godwit::api {

/// WebKeyService, in the versions v2 and v2beta of the contract: the keys that the instance signs tokens with.
void register_web_keys(rpc::Registry& registry, key::SigningKeys& keys);

}  // namespace godwit::api
