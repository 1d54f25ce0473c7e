#pragma once

namespace godwit::instance {
class Instances;
}
namespace godwit::key {
class SigningKeys;
}
namespace godwit::oidc {
class IssuerTable;
}
namespace godwit::rpc {
class Registry;
}

namespace godwit::api {

/// IssuerService: issuers under the names, at the paths and with the keys of the systems they replace.
void register_issuers(rpc::Registry& registry, oidc::IssuerTable& issuers, key::SigningKeys& keys, instance::Instances& instances);

}  // namespace godwit::api
