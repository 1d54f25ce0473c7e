#include "directory/instance/instances.h"

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "base/text.h"
#include "base/unicode.h"
#include "store/store.h"

namespace godwit::instance {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kHostsStayKnown{2};
constexpr std::size_t kMaxKnownHosts = 10'000;

bool is_address(std::string_view host) {
    return host.starts_with('[') || std::ranges::all_of(host, [](char c) { return is_ascii_digit(c) || c == '.'; });
}

bool is_port(std::string_view text) { return parse_number<std::uint16_t>(text).has_value(); }

Host read_host_row(const store::Row& row) {
    return {.name = std::string(row.text(0)), .kind = static_cast<HostKind>(row.i64(1)), .primary = row.flag(2), .created = row.time(3)};
}

}  // namespace

std::string External::origin(std::string_view host) const {
    std::string origin = (secure ? "https://" : "http://") + std::string(host);
    if (port != (secure ? 443 : 80)) origin += ":" + std::to_string(port);
    return origin;
}

std::optional<std::string> canonical_host(std::string_view host) {
    if (host.starts_with('[')) {
        const auto close = host.find(']');
        if (close == std::string_view::npos || close < 3) return std::nullopt;
        const auto rest = host.substr(close + 1);
        if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return std::nullopt;
        const auto address = host.substr(1, close - 1);
        if (!std::ranges::all_of(address, [](char c) { return is_ascii_digit(c) || is_ascii_alpha(c) || c == ':' || c == '.'; }))
            return std::nullopt;
        return to_ascii_lower(host.substr(0, close + 1));
    }
    if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        if (!is_port(host.substr(colon + 1))) return std::nullopt;
        host = host.substr(0, colon);
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty()) return std::nullopt;
    if (is_address(host)) return std::string(host);
    return ascii_host(host);
}

Result<std::int64_t> config_version(store::Reader& db, InstanceScope scope) {
    std::int64_t version = 0;
    TRY(db.query(scope, "SELECT config_version FROM instances WHERE instance_no = ?1", {},
                 [&](const store::Row& row) { version = row.i64(0); }));
    return version;
}

Result<void> raise_config_version(store::Writer& db, InstanceScope scope) {
    TRY(db.exec(scope, "UPDATE instances SET config_version = config_version + 1 WHERE instance_no = ?1", {}));
    return {};
}

struct Instances::HostCache {
    struct Entry {
        std::optional<Found> found;
        Steady::time_point until;
    };
    std::mutex mutex;
    std::map<std::string, Entry, std::less<>> entries;
};

Instances::Instances(store::Store& store, External external) : store_(store), external_(external), hosts_(std::make_unique<HostCache>()) {}
Instances::~Instances() = default;

Result<Instance> Instances::create(store::Writer& db, const store::Editor& editor, const NewInstance& wanted) {
    std::int32_t last = 0;
    TRY(db.system_query("SELECT COALESCE(MAX(instance_no), 0) FROM instances WHERE instance_no > ?1", {},
                        [&](const store::Row& row) { last = static_cast<std::int32_t>(row.i64(0)); }));
    const auto scope = InstanceScope::of(InstanceNo{last + 1});
    const std::int64_t id = db.new_id();
    TRY(db.exec(
        scope,
        "INSERT INTO instances (instance_no, id, name, state, default_lang, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        {id, wanted.name, static_cast<int>(State::creating), wanted.default_language, db.now()}));

    std::vector<std::string> names{wanted.primary_host};
    names.insert(names.end(), wanted.other_hosts.begin(), wanted.other_hosts.end());
    std::vector<std::string> stored;
    for (const auto& name : names) {
        const auto host = canonical_host(name);
        if (!host) return fail(Code::invalid_argument, "INST-Hst01", "\"" + name + "\" is not a host name");
        if (std::ranges::find(stored, *host) != stored.end()) continue;
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(scope,
                           "INSERT INTO instance_domains (host, instance_no, kind, is_primary, created_at) VALUES (?2, ?1, ?3, ?4, ?5)",
                           {*host, static_cast<int>(HostKind::custom), stored.empty(), db.now()});
        }),
                                 "V3-DKcYh", "this host belongs to another instance"));
        stored.push_back(*host);
    }
    const std::array events = {
        store::event_of(editor, "instance", id, "instance.added", OrgId{}, store::EventBody().add("name", wanted.name).take()),
        store::event_of(editor, "instance", id, "instance.default.language.set", OrgId{},
                        store::EventBody().add("language", wanted.default_language).take()),
        store::event_of(editor, "instance", id, "instance.domain.added", OrgId{}, store::EventBody().add("domains", stored).take()),
        store::event_of(editor, "instance", id, "instance.domain.primary.set", OrgId{},
                        store::EventBody().add("domain", stored.front()).take()),
    };
    TRY(db.append(scope, events));
    forget_hosts();
    return get(db, scope);
}

Result<void> Instances::set_default_org(store::Writer& db, InstanceScope scope, const store::Editor& editor, OrgId org) {
    std::int64_t id = 0;
    TRY(db.query(scope,
                 "UPDATE instances SET default_org_id = ?2, version = version + 1, config_version = config_version + 1, changed_at = ?3 "
                 "WHERE instance_no = ?1 RETURNING id",
                 {org, db.now()}, [&](const store::Row& row) { id = row.i64(0); }));
    return db.append(scope, store::event_of(editor, "instance", id, "instance.default.org.set", OrgId{},
                                            store::EventBody().add("orgId", std::to_string(org.key)).take()));
}

Result<void> Instances::set_console(store::Writer& db, InstanceScope scope, const store::Editor& editor, ProjectId project, AppId app) {
    std::int64_t id = 0;
    TRY(db.query(scope,
                 "UPDATE instances SET iam_project_id = ?2, console_app_id = ?3, version = version + 1, "
                 "config_version = config_version + 1, changed_at = ?4 WHERE instance_no = ?1 RETURNING id",
                 {project, app, db.now()}, [&](const store::Row& row) { id = row.i64(0); }));
    const std::array events = {
        store::event_of(editor, "instance", id, "instance.iam.project.set", OrgId{},
                        store::EventBody().add("iamProjectId", std::to_string(project.key)).take()),
        store::event_of(editor, "instance", id, "instance.iam.console.set", OrgId{},
                        store::EventBody().add("appId", std::to_string(app.key)).take()),
    };
    return db.append(scope, events);
}

Result<Instance> Instances::get(InstanceScope scope) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) { return get(db, scope); });
}

Result<Instance> Instances::get(store::Reader& db, InstanceScope scope) const {
    std::optional<Instance> found;
    TRY(db.query(scope,
                 "SELECT id, name, default_org_id, iam_project_id, console_app_id, default_lang, created_at, changed_at, version, state "
                 "FROM instances WHERE instance_no = ?1",
                 {}, [&](const store::Row& row) {
                     found = Instance{.no = scope.no(),
                                      .key = row.i64(0),
                                      .id = std::to_string(row.i64(0)),
                                      .name = std::string(row.text(1)),
                                      .state = static_cast<State>(row.i64(9)),
                                      .default_org = row.id<OrgId>(2),
                                      .project = row.id<ProjectId>(3),
                                      .console = row.id<AppId>(4),
                                      .default_language = std::string(row.text(5)),
                                      .stamp = {row.time(6), row.time(7), row.i64(8)},
                                      .hosts = {}};
                 }));
    if (!found) return fail(Code::not_found, "QUERY-3n0wng", "Instance not found");
    TRY(db.query(scope,
                 "SELECT host, kind, is_primary, created_at FROM instance_domains WHERE instance_no = ?1 "
                 "ORDER BY is_primary DESC, created_at, host",
                 {}, [&](const store::Row& row) { found->hosts.push_back(read_host_row(row)); }));
    return *std::move(found);
}

Result<std::string> Instances::primary_host(store::Reader& db, InstanceScope scope) const {
    std::string host;
    TRY(db.query(scope, "SELECT host FROM instance_domains WHERE instance_no = ?1 AND is_primary = 1", {},
                 [&](const store::Row& row) { host = row.text(0); }));
    if (host.empty()) return fail(Code::internal, "INST-Hst02", "the instance has no primary domain");
    return host;
}

Result<std::vector<InstanceScope>> Instances::all() const {
    std::vector<InstanceScope> scopes;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        scopes.clear();
        return db.system_query(
            "SELECT instance_no FROM instances WHERE instance_no > ?1 ORDER BY instance_no", {},
            [&](const store::Row& row) { scopes.push_back(InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))})); });
    }));
    return scopes;
}

Result<void> Instances::set_running(InstanceScope scope) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(db.exec(scope, "UPDATE instances SET state = ?2, changed_at = ?3, version = version + 1 WHERE instance_no = ?1",
                    {static_cast<int>(State::running), db.now()}));
        return {};
    });
}

Result<std::optional<Found>> Instances::find_by_host(std::string_view given) const {
    const auto host = canonical_host(given);
    if (!host) return std::nullopt;
    const auto now = Steady::now();
    {
        const std::lock_guard lock(hosts_->mutex);
        if (const auto it = hosts_->entries.find(*host); it != hosts_->entries.end() && it->second.until > now) return it->second.found;
    }
    auto found = TRY(read_host(*host));
    const std::lock_guard lock(hosts_->mutex);
    if (hosts_->entries.size() >= kMaxKnownHosts) hosts_->entries.clear();
    hosts_->entries.insert_or_assign(*host, HostCache::Entry{found, now + kHostsStayKnown});
    return found;
}

Result<std::optional<Found>> Instances::read_host(const std::string& host) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<Found>> {
        std::optional<Found> found;
        TRY(
            db.system_query("SELECT d.instance_no, i.id, d.kind, COALESCE(p.host, '') FROM instance_domains d "
                            "JOIN instances i ON i.instance_no = d.instance_no "
                            "LEFT JOIN instance_domains p ON p.instance_no = d.instance_no AND p.is_primary = 1 "
                            "WHERE d.host = ?2 AND d.instance_no > ?1",
                            {host}, [&](const store::Row& row) {
                                const auto kind = static_cast<HostKind>(row.i64(2));
                                found = Found{.scope = InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))}),
                                              .id = std::to_string(row.i64(1)),
                                              .host = host,
                                              .kind = kind,
                                              .issuer = external_.origin(kind == HostKind::trusted ? row.text(3) : std::string_view(host))};
                            }));
        return found;
    });
}

void Instances::forget_hosts() {
    const std::lock_guard lock(hosts_->mutex);
    hosts_->entries.clear();
}

Result<directory::Change> Instances::add_host(InstanceScope scope, const store::Editor& editor, std::string_view name, HostKind kind) {
    const auto host = canonical_host(name);
    if (!host) return fail(Code::invalid_argument, "INST-Hst01", "\"" + std::string(name) + "\" is not a host name");
    auto changed = store_.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(scope,
                           "INSERT INTO instance_domains (host, instance_no, kind, is_primary, created_at) VALUES (?2, ?1, ?3, 0, ?4)",
                           {*host, static_cast<int>(kind), db.now()});
        }),
                                 "V3-DKcYh", "this host belongs to an instance already"));
        return touch(db, scope, editor, kind == HostKind::trusted ? "instance.trusted_domain.added" : "instance.domain.added", *host);
    });
    forget_hosts();
    return changed;
}

Result<directory::Change> Instances::remove_host(InstanceScope scope, const store::Editor& editor, std::string_view name) {
    const auto host = canonical_host(name).value_or("");
    auto changed = store_.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        std::optional<Host> found;
        TRY(db.query(scope, "SELECT host, kind, is_primary, created_at FROM instance_domains WHERE instance_no = ?1 AND host = ?2", {host},
                     [&](const store::Row& row) { found = read_host_row(row); }));
        if (!found) return fail(Code::not_found, "INSTANCE-8ls9f", "Domain not found");
        if (found->primary || found->kind == HostKind::generated)
            return fail(Code::failed_precondition, "INSTANCE-9hn3n", "the primary domain and generated domains cannot be removed");
        TRY(db.exec(scope, "DELETE FROM instance_domains WHERE instance_no = ?1 AND host = ?2", {host}));
        return touch(db, scope, editor, found->kind == HostKind::trusted ? "instance.trusted_domain.removed" : "instance.domain.removed",
                     host);
    });
    forget_hosts();
    return changed;
}

Result<directory::Change> Instances::touch(store::Writer& db, InstanceScope scope, const store::Editor& editor, std::string_view event,
                                           const std::string& host) {
    directory::Change change{.at = db.now(), .sequence = 0, .resource_owner = {}};
    std::int64_t id = 0;
    TRY(db.query(scope,
                 "UPDATE instances SET version = version + 1, config_version = config_version + 1, changed_at = ?2 WHERE instance_no = ?1 "
                 "RETURNING id, version",
                 {db.now()}, [&](const store::Row& row) {
                     id = row.i64(0);
                     change.sequence = row.i64(1);
                 }));
    change.resource_owner = std::to_string(id);
    TRY(db.append(scope, store::event_of(editor, "instance", id, event, OrgId{}, store::EventBody().add("domain", host).take())));
    return change;
}

}  // namespace godwit::instance
