#include "oidc/issuer_table.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/url.h"
#include "directory/instance/instances.h"
#include "directory/key/signing_keys.h"
#include "directory/object/public_id.h"
#include "godwit/issuer/v1/issuer.pb.h"
#include "oidc/services.h"
#include "store/event_body.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

using issuer::v1::Paths;
using store::Database;

constexpr std::chrono::seconds kGoodFor{2};
constexpr std::string_view kColumns = "id, name, paths, created_at";

/// What the pages, the API and the operations answer: an issuer must not take it from them.
constexpr std::string_view kTaken[] = {"/ui/",        "/debug/",        "/management/v1/", "/admin/v1/", "/auth/v1/",
                                       "/system/v1/", "/v2/",           "/v2beta/",        "/zitadel.",  "/godwit.",
                                       "/grpc.",      "/migration/v1/", "/issuer/",        "/assets/",   "/openapi/"};

/// Pages that the program sends browsers to: they are where they always are, on each issuer's host.
constexpr std::array kOurPages{Endpoint::authorize_response, Endpoint::device_page};

/// Texts that a Layout points into.
struct OwnLayout {
    std::array<std::string, kEndpoints> texts;
    std::string& at(Endpoint endpoint) { return texts.at(static_cast<std::size_t>(endpoint)); }
};

/// The issuer's own path, as the well-known paths of RFC 8414 section 3.1 and OpenID Connect Discovery section 4 take it.
std::string bare_path(const UrlParts& name) { return name.path.ends_with('/') ? name.path.substr(0, name.path.size() - 1) : name.path; }

OwnLayout own_layout(const UrlParts& name, const Paths& paths) {
    const std::string base = bare_path(name);
    OwnLayout own;
    own.at(Endpoint::discovery) = paths.discovery().empty() ? base + "/.well-known/openid-configuration" : paths.discovery();
    own.at(Endpoint::server_metadata) = "/.well-known/oauth-authorization-server" + base;
    own.at(Endpoint::keys) = paths.keys();
    own.at(Endpoint::authorize) = paths.authorization();
    for (const auto page : kOurPages) own.at(page) = kStandardLayout.path(page);
    own.at(Endpoint::token) = paths.token();
    own.at(Endpoint::userinfo) = paths.userinfo();
    own.at(Endpoint::end_session) = paths.end_session();
    own.at(Endpoint::introspection) = paths.introspection();
    own.at(Endpoint::revocation) = paths.revocation();
    own.at(Endpoint::pushed) = paths.pushed_authorization();
    own.at(Endpoint::device_authorization) = paths.device_authorization();
    return own;
}

Issuer make_issuer(InstanceScope scope, std::int64_t id, std::string name, const Paths& paths) {
    const auto parts = parse_url(name).value_or(UrlParts{});
    const auto own = std::make_shared<const OwnLayout>(own_layout(parts, paths));
    Issuer issuer{scope, std::move(name), {}, {}};
    for (std::size_t i = 0; i < kEndpoints; ++i) issuer.layout.paths.at(i) = own->texts.at(i);
    issuer.origin = parts.origin();
    issuer.key = id;
    issuer.texts = own;
    return issuer;
}

Result<UrlParts> check_name(std::string_view name) {
    const auto parts = parse_url(name);
    if (!parts || (parts->scheme != "https" && parts->scheme != "http") || !parts->userinfo.empty() || parts->has_query ||
        parts->has_fragment)
        return fail(Code::invalid_argument, "ISSUER-Name1",
                    "an issuer is an http or https URL without query and fragment, such as https://sso.example.com/realms/acme");
    return *parts;
}

Result<void> check_paths(const UrlParts& name, const Paths& paths) {
    auto own = own_layout(name, paths);
    for (const auto page : kOurPages) own.at(page).clear();
    const auto refuse = [](const std::string& path, std::string_view why) {
        return fail(Code::invalid_argument, "ISSUER-Path1", "the path \"" + path + "\" " + std::string(why));
    };
    for (auto path = own.texts.begin(); path != own.texts.end(); ++path) {
        if (path->empty()) continue;
        // What a router compares byte for byte must have one spelling only.
        const bool plain = path->starts_with('/') && path->find("//") == path->npos && std::ranges::all_of(*path, [](char c) {
                               return is_ascii_alpha(c) || is_ascii_digit(c) || std::string_view("/-._~:@!$&'()*+,;=").contains(c);
                           });
        if (!plain) return refuse(*path, "must begin with one \"/\" and have letters, digits and /-._~:@!$&'()*+,;= only");
        const bool ours = std::ranges::any_of(kOurPages, [&](Endpoint page) { return *path == kStandardLayout.path(page); });
        if (ours || std::ranges::any_of(kTaken, [&](std::string_view taken) { return path->starts_with(taken); }))
            return refuse(*path, "belongs to the sign-in pages or the API");
        if (std::find(own.texts.begin(), path, *path) != path) return refuse(*path, "is given to two endpoints");
    }
    return {};
}

IssuerTable::Row row_of(const store::Row& row) {
    return {.id = row.i64(0), .name = std::string(row.text(1)), .paths = std::string(row.blob(2)), .created = row.time(3)};
}

}  // namespace

struct IssuerTable::Snapshot {
    Time read;
    std::multimap<std::string, Issuer, std::less<>> by_host;

    /// Whose layout has the path.
    const Issuer* find(std::string_view host, std::string_view path, Endpoint& endpoint) const {
        for (auto [at, end] = by_host.equal_range(host); at != end; ++at) {
            if (const auto found = at->second.layout.find(path); found && std::ranges::find(kOurPages, *found) == kOurPages.end()) {
                endpoint = *found;
                return &at->second;
            }
        }
        return nullptr;
    }
    /// The one that is called what the instance's own would be called on this host, and therefore takes its place.
    const Issuer* named(std::string_view host, std::string_view name) const {
        for (auto [at, end] = by_host.equal_range(host); at != end; ++at)
            if (at->second.name == name) return &at->second;
        return nullptr;
    }
};

IssuerTable::IssuerTable(const Services& services) : services_(services), snapshot_(std::make_shared<const Snapshot>()) {}
IssuerTable::~IssuerTable() = default;

std::shared_ptr<const IssuerTable::Snapshot> IssuerTable::snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
}

void IssuerTable::forget() const {
    const std::lock_guard lock(mutex_);
    auto old = std::make_shared<Snapshot>(*snapshot_);
    old->read = {};
    snapshot_ = std::move(old);
}

Result<std::shared_ptr<const IssuerTable::Snapshot>> IssuerTable::fresh() const {
    const auto now = services_.clock.now();
    auto current = snapshot();
    if (const auto age = now - current->read; age >= std::chrono::seconds(0) && age < kGoodFor) return current;
    auto made = std::make_shared<Snapshot>();
    made->read = now;
    TRY(services_.store.read(Database::directory, [&](store::Reader& db) {
        made->by_host.clear();
        return db.system_query("SELECT instance_no, id, host, name, paths FROM issuers WHERE instance_no > ?1 ORDER BY id", {},
                               [&](const store::Row& row) {
                                   Paths paths;
                                   if (!paths.ParseFromString(std::string(row.blob(4)))) return;
                                   const auto scope = InstanceScope::of(InstanceNo{static_cast<std::int32_t>(row.i64(0))});
                                   made->by_host.emplace(row.text(2), make_issuer(scope, row.i64(1), std::string(row.text(3)), paths));
                               });
    }));
    const std::lock_guard lock(mutex_);
    snapshot_ = made;
    return made;
}

Result<void> IssuerTable::refresh() const {
    TRY(fresh());
    return {};
}

std::optional<IssuerTable::Place> IssuerTable::peek(std::string_view host, std::string_view path) const {
    const auto current = snapshot();
    if (!current->by_host.empty()) {
        Endpoint endpoint{};
        if (const auto name = instance::canonical_host(host))
            if (const auto* issuer = current->find(*name, path, endpoint)) return Place{endpoint, issuer->key};
    }
    if (const auto endpoint = kStandardLayout.find(path)) return Place{*endpoint};
    return std::nullopt;
}

Result<std::optional<IssuerTable::Found>> IssuerTable::find(std::string_view host, std::string_view path) const {
    const auto current = TRY(fresh());
    const auto instance = TRY(services_.instances.find_by_host(host));
    if (!instance) return std::nullopt;
    Endpoint endpoint{};
    const auto* issuer = current->find(instance->host, path, endpoint);
    // A host that was given to another instance takes no issuer along.
    if (issuer && issuer->scope == instance->scope) return Found{*issuer, endpoint};
    const auto standard = kStandardLayout.find(path);
    if (!standard) return std::nullopt;
    issuer = current->named(instance->host, instance->issuer);
    if (issuer && issuer->scope == instance->scope) return Found{*issuer, *standard};
    return Found{Issuer{instance->scope, instance->issuer, kStandardLayout, {}}, *standard};
}

Result<Issuer> IssuerTable::named(InstanceScope scope, std::string_view name) const {
    for (const auto& [host, issuer] : TRY(fresh())->by_host)
        if (issuer.scope == scope && issuer.name == name) return issuer;
    return Issuer{scope, std::string(name), kStandardLayout, {}};
}

Result<std::vector<IssuerTable::Row>> IssuerTable::list(InstanceScope scope) const {
    std::vector<Row> rows;
    TRY(services_.store.read(Database::directory, [&](store::Reader& db) {
        rows.clear();
        return db.query(scope, "SELECT " + std::string(kColumns) + " FROM issuers WHERE instance_no = ?1 ORDER BY id", {},
                        [&](const store::Row& row) { rows.push_back(row_of(row)); });
    }));
    return rows;
}

Result<IssuerTable::Row> IssuerTable::get(InstanceScope scope, std::string_view id) const {
    for (auto& row : TRY(list(scope)))
        if (std::to_string(row.id) == id) return std::move(row);
    return fail(Code::not_found, "ISSUER-Get01", "there is no such issuer");
}

Result<IssuerTable::Row> IssuerTable::add(InstanceScope scope, const store::Editor& editor, std::string_view name, const Paths& paths,
                                          instance::Instances& instances) {
    const auto parts = TRY(check_name(name));
    TRY(check_paths(parts, paths));
    const auto host = instance::canonical_host(parts.host);
    if (!host) return fail(Code::invalid_argument, "ISSUER-Name1", "\"" + parts.host + "\" is no host name");
    const auto wanted = make_issuer(scope, 0, std::string(name), paths);
    for (const auto& [other_host, other] : TRY(fresh())->by_host) {
        if (other_host != *host) continue;
        for (const auto path : wanted.layout.paths) {
            const auto endpoint = path.empty() ? std::nullopt : other.layout.find(path);
            if (endpoint && std::ranges::find(kOurPages, *endpoint) == kOurPages.end())
                return fail(Code::already_exists, "ISSUER-Add01",
                            "the issuer " + other.name + " serves the path \"" + std::string(path) + "\" of this host");
        }
    }
    const auto found = TRY(instances.find_by_host(*host));
    if (!found || found->scope != scope) TRY(instances.add_host(scope, editor, *host, instance::HostKind::custom));
    if (found && found->scope == scope && found->kind == instance::HostKind::trusted)
        return fail(Code::failed_precondition, "ISSUER-Add02", "trusted domains serve pages, never an issuer; use another host");

    const std::string body = paths.SerializeAsString();
    auto made = services_.store.write(Database::directory, [&](store::Writer& db) -> Result<Row> {
        Row row{.id = db.new_id(), .name = std::string(name), .paths = body, .created = db.now()};
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(scope, "INSERT INTO issuers (instance_no, id, host, name, paths, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                           {row.id, *host, name, store::Blob{body}, row.created});
        }),
                                 "ISSUER-Add01", "the instance has an issuer of this name"));
        TRY(db.append(scope,
                      store::event_of(editor, "issuer", row.id, "issuer.added", OrgId{}, store::EventBody().add("issuer", name).take())));
        return row;
    });
    forget();
    TRY(refresh());
    return made;
}

Result<Time> IssuerTable::remove(InstanceScope scope, const store::Editor& editor, std::string_view id) {
    const auto row = TRY(get(scope, id));
    auto gone = services_.store.write(Database::directory, [&](store::Writer& db) -> Result<Time> {
        TRY(key::SigningKeys::remove_all_of(db, scope, editor, row.id));
        if (TRY(db.exec(scope, "DELETE FROM issuers WHERE instance_no = ?1 AND id = ?2", {row.id})) > 0)
            TRY(db.append(scope, store::event_of(editor, "issuer", row.id, "issuer.removed", OrgId{})));
        return db.now();
    });
    forget();
    TRY(refresh());
    return gone;
}

}  // namespace godwit::oidc
