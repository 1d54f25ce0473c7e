// Instances (tenants): their data, the hosts that reach them, and the version stamp of their configuration.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "directory/object/object.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::instance {

enum class HostKind {
    generated = 1,  ///< made with the instance; cannot be removed
    custom = 2,
    trusted = 3,  ///< may serve pages and API, but is never an issuer
};

struct Host {
    std::string name;  ///< canonical, see canonical_host
    HostKind kind = HostKind::custom;
    bool primary = false;
    Time created;
};

/// Numbers of the contract's instance State. An instance is being created until its first start is through.
enum class State { creating = 1, running = 2 };

struct Instance {
    InstanceNo no;
    std::int64_t key = 0;  ///< aggregate of its events
    std::string id;        ///< as the contract shows it
    std::string name;
    State state = State::running;
    OrgId default_org;
    ProjectId project;  ///< the instance's own, with the console application
    AppId console;
    std::string default_language;  ///< BCP 47
    directory::Stamp stamp = {};
    std::vector<Host> hosts;  ///< primary first

    InstanceScope scope() const { return InstanceScope::of(no); }
    const std::string& primary_host() const { return hosts.front().name; }
};

struct NewInstance {
    std::string name;
    std::string default_language = "en";
    std::string primary_host;
    std::vector<std::string> other_hosts = {};  ///< kind custom
};

/// How the world reaches this program: the scheme and port of every issuer.
struct External {
    bool secure = false;
    std::uint16_t port = 8080;

    /// "https://host" with ":port" unless it is the scheme's own.
    std::string origin(std::string_view host) const;
};

/// A host name as `instance_domains` keys it: ASCII lower case (IDNA), without port and trailing dot; IPv6 in brackets.
/// nullopt when it is no host at all.
std::optional<std::string> canonical_host(std::string_view host);

/// What a request's host leads to.
struct Found {
    InstanceScope scope;
    std::string id;    ///< of the instance, as the contract shows it
    std::string host;  ///< the stored name, never the header's bytes
    HostKind kind = HostKind::custom;
    std::string issuer;  ///< origin of this host; of the primary one when this is a trusted domain
};

/// The version of an instance's cached configuration (settings, apps, keys, IdPs, hosts). Every transaction that changes configuration
/// raises it; every reader of a cache compares it in the round trip that it makes anyway (docs/data-model.md, decision 5).
Result<std::int64_t> config_version(store::Reader& db, InstanceScope scope);
Result<void> raise_config_version(store::Writer& db, InstanceScope scope);

class Instances {
public:
    Instances(store::Store& store, External external);
    ~Instances();

    /// In state creating, until set_running. Errors: already_exists V3-DKcYh when a host belongs to another instance; invalid_argument
    /// INST-Hst01 for a bad host name.
    Result<Instance> create(store::Writer& db, const store::Editor& editor, const NewInstance& wanted);
    /// The instance's default organization is made after the instance itself.
    Result<void> set_default_org(store::Writer& db, InstanceScope scope, const store::Editor& editor, OrgId org);
    Result<void> set_console(store::Writer& db, InstanceScope scope, const store::Editor& editor, ProjectId project, AppId app);

    Result<void> set_running(InstanceScope scope);

    Result<Instance> get(InstanceScope scope) const;
    Result<Instance> get(store::Reader& db, InstanceScope scope) const;
    /// The host generated domains of organizations lie under.
    Result<std::string> primary_host(store::Reader& db, InstanceScope scope) const;
    /// Every instance, for jobs that go over all of them (few: not for requests).
    Result<std::vector<InstanceScope>> all() const;
    /// `host` as it came (with port, any case). Answers from memory for at most two seconds, so that routes that read nothing else
    /// (discovery, keys) stay without a database. nullopt: no such host here.
    Result<std::optional<Found>> find_by_host(std::string_view host) const;

    Result<directory::Change> add_host(InstanceScope scope, const store::Editor& editor, std::string_view host, HostKind kind);
    Result<directory::Change> remove_host(InstanceScope scope, const store::Editor& editor, std::string_view host);

    const External& external() const { return external_; }

private:
    Result<std::optional<Found>> read_host(const std::string& host) const;
    void forget_hosts();
    Result<directory::Change> touch(store::Writer& db, InstanceScope scope, const store::Editor& editor, std::string_view event,
                                    const std::string& host);

    store::Store& store_;
    const External external_;
    struct HostCache;
    std::unique_ptr<HostCache> hosts_;
};

}  // namespace godwit::instance
