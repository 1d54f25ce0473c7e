// Every issuer there is, by host and path: an instance's own on each of its hosts, at the standard paths, and those that it serves beside
// it under the name, at the paths and with the keys of a system it replaces (table `issuers`, docs/issuers.md).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "oidc/issuer.h"
#include "store/editor.h"

namespace godwit::instance {
class Instances;
}
namespace godwit::issuer::v1 {
class Paths;
}

namespace godwit::oidc {

struct Services;

class IssuerTable {
public:
    explicit IssuerTable(const Services& services);
    ~IssuerTable();

    /// What serves a path of a host: `issuer` 0 is the instance's own.
    struct Place {
        Endpoint endpoint;
        std::int64_t issuer = 0;
    };
    /// From memory, as of two seconds ago: for I/O threads. The own issuer is taken for granted, whatever the host.
    std::optional<Place> peek(std::string_view host, std::string_view path) const;

    struct Found {
        Issuer issuer;
        Endpoint endpoint;
    };
    /// nullopt when no instance has that host, or nothing is served there.
    Result<std::optional<Found>> find(std::string_view host, std::string_view path) const;

    /// The issuer of that `iss`; an unknown one counts as the instance's own, which has a name on each host.
    Result<Issuer> named(InstanceScope scope, std::string_view name) const;

    /// Reads the table again when what is in memory is older than two seconds.
    Result<void> refresh() const;

    struct Row {
        std::int64_t id = 0;
        std::string name;
        std::string paths;  ///< godwit.issuer.v1.Paths
        Time created;
    };
    Result<std::vector<Row>> list(InstanceScope scope) const;
    /// not_found ISSUER-Get01.
    Result<Row> get(InstanceScope scope, std::string_view id) const;
    /// Errors: invalid_argument ISSUER-Name1 (no URL, or one with query or fragment), ISSUER-Path1 (a path that cannot be, that is there
    /// twice, or that belongs to the pages and the API); already_exists ISSUER-Add01 (name, or path on this host), V3-DKcYh (the host is
    /// another instance's); failed_precondition ISSUER-Add02 (a trusted domain). A host that is nobody's becomes the instance's.
    Result<Row> add(InstanceScope scope, const store::Editor& editor, std::string_view name, const issuer::v1::Paths& paths,
                    instance::Instances& instances);
    /// With its keys. not_found ISSUER-Get01.
    Result<Time> remove(InstanceScope scope, const store::Editor& editor, std::string_view id);

private:
    struct Snapshot;
    std::shared_ptr<const Snapshot> snapshot() const;
    Result<std::shared_ptr<const Snapshot>> fresh() const;
    void forget() const;

    const Services& services_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const Snapshot> snapshot_;  ///< never null
};

}  // namespace godwit::oidc
