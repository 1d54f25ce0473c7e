// The RPC registry's view of the instances.
#pragma once

#include "directory/instance/instances.h"
#include "transport/rpc/registry.h"

namespace godwit::instance {

class HostLookup final : public rpc::Instances {
public:
    explicit HostLookup(const instance::Instances& instances) : instances_(instances) {}
    std::optional<InstanceScope> find_by_host(std::string_view host) override;

private:
    const instance::Instances& instances_;
};

}  // namespace godwit::instance
