#include "directory/instance/host_lookup.h"

#include "base/log.h"

namespace godwit::instance {

std::optional<InstanceScope> HostLookup::find_by_host(std::string_view host) {
    auto found = instances_.find_by_host(host);
    if (!found) {
        log::error("the instance of a host could not be read", {{"host", host}, {"error", found.error().message}});
        return std::nullopt;
    }
    if (!*found) return std::nullopt;
    return (*found)->scope;
}

}  // namespace godwit::instance
