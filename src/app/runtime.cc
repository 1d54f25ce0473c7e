#include "app/runtime.h"

#include <condition_variable>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "api/admin/import.h"
#include "api/migration/migrations.h"
#include "app/authenticator.h"
#include "app/certificate.h"
#include "app/courier.h"
#include "app/database.h"
#include "app/first_start.h"
#include "app/hashing.h"
#include "app/housekeeping.h"
#include "app/idempotency.h"
#include "app/metrics.h"
#include "app/migrations.h"
#include "app/operations.h"
#include "app/registrations.h"
#include "app/services.h"
#include "app/start_pages.h"
#include "app/throttle.h"
#include "base/log.h"
#include "crypto/random.h"
#include "directory/instance/host_lookup.h"
#include "directory/user/fold_names.h"
#include "login/pages.h"
#include "store/postgres/start_lock.h"
#include "store/timed.h"
#include "transport/rpc/errors.h"
#include "transport/rpc/health.h"
#include "transport/rpc/openapi.h"
#include "transport/rpc/reflection.h"
#include "transport/rpc/registry.h"

namespace godwit::app {
namespace {

constexpr std::chrono::seconds kCertificateInterval{5};

/// Nodes that start together on an empty database set it up one after the other. The files of the embedded store have one process anyway.
Result<std::optional<store::postgres::StartLock>> lock_first_start(const config::Postgres& postgres) {
    if (!postgres.configured()) return std::nullopt;
    return TRY(store::postgres::StartLock::take(postgres_options(postgres)));
}

Lanes::Limits lane_limits(const config::Godwit& wanted) {
    Lanes::Limits limits = Lanes::default_limits();
    const auto apply = [&limits](Lane lane, const config::LaneSize& size) {
        LaneLimits& limit = limits[static_cast<std::size_t>(lane)];
        if (size.threads > 0) limit.threads = static_cast<std::size_t>(size.threads);
        if (size.active > 0) limit.active = static_cast<std::size_t>(size.active);
        if (size.queue > 0) limit.queue = static_cast<std::size_t>(size.queue);
        if (size.max_wait.count() > 0) limit.max_wait = size.max_wait;
    };
    apply(Lane::read, wanted.read);
    apply(Lane::write, wanted.write);
    apply(Lane::bulk, wanted.bulk);
    apply(Lane::hash, wanted.hash);
    apply(Lane::outgoing, wanted.outgoing);
    return limits;
}

http::ServerOptions server_options(const config::Config& config) {
    const config::Limits& limits = config.godwit.limits;
    http::ServerOptions options;
    options.address = config.godwit.listen_address;
    options.port = config.port;
    options.io_threads = static_cast<std::size_t>(config.godwit.io_threads);
    options.max_connections = static_cast<std::size_t>(limits.connections);
    options.max_connections_per_client = static_cast<std::size_t>(limits.connections_per_client);
    options.max_buffered_bytes = limits.buffered_bytes.count;
    options.max_buffered_bytes_per_client = limits.buffered_bytes_per_client.count;
    options.max_reserved_bytes = limits.reserved_bytes.count;
    options.max_reserved_bytes_per_client = limits.reserved_bytes_per_client.count;
    options.max_header_bytes = limits.header_bytes.count;
    options.max_streams = static_cast<std::uint32_t>(limits.streams_per_connection);
    options.header_timeout = limits.header_timeout;
    options.body_idle_timeout = limits.body_idle_timeout;
    options.idle_timeout = limits.idle_timeout;
    options.secure_outside = config.external_secure;
    options.trusted_proxies = config.godwit.trusted_proxies;
    return options;
}

std::chrono::seconds seconds(config::Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration); }

/// The prefixes were checked with the configuration.
http::OutgoingOptions outgoing(const config::OutgoingCalls& wanted) {
    http::OutgoingOptions options{.allowed = {}, .plain_http = wanted.plain_http, .ca_file = wanted.ca_file};
    for (const auto& text : wanted.allowed_networks)
        if (const auto prefix = http::IpPrefix::parse(text)) options.allowed.push_back(*prefix);
    return options;
}

key::RotationPlan key_rotation(const config::SystemDefaults& wanted) {
    return {.signs = seconds(wanted.private_key_lifetime),
            .ahead = seconds(wanted.published_ahead),
            .published_after = seconds(std::max(wanted.public_key_lifetime - wanted.private_key_lifetime, config::Duration(0)))};
}

/// Tells the processes apart that use one database.
std::int32_t random_node() {
    std::int32_t node = 0;
    const std::string bytes = crypto::random_bytes(sizeof node);
    std::memcpy(&node, bytes.data(), sizeof node);
    return node & std::numeric_limits<std::int32_t>::max();
}

http::Route redirect_to(std::string_view location) {
    return {.lane = Lane::in_line, .max_body_bytes = 0, .handle = [location](http::Request&) {
                http::Response response = http::text_response(302, "");
                response.headers.set("location", location);
                return response;
            }};
}

}  // namespace

struct Runtime::Impl {
    Impl(config::Config c, std::unique_ptr<store::Store> s)
        : config(std::move(c)), store(std::move(s)), lanes(lane_limits(config.godwit)) {}

    Result<void> build_routes();
    http::Route find_route(const http::Request& request) const;
    http::Response refuse(const http::Refusal& refusal, const http::Request* request) const;
    Result<void> listen();

    config::Config config;
    SystemClock clock;
    Metrics metrics;  // before the store, which tells it of its writes
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Services> services;
    std::string greeting;

    std::unique_ptr<api::Migrations> migrations;
    rpc::Registry registry;
    std::unique_ptr<instance::HostLookup> hosts;
    std::unique_ptr<Authenticator> authenticator;
    std::unique_ptr<rpc::Health> health;
    std::unique_ptr<KeptAnswers> kept_answers;
    std::unique_ptr<Throttle> throttle;
    std::unique_ptr<rpc::Endpoint> endpoint;
    std::unique_ptr<rpc::OpenApi> openapi;
    std::unique_ptr<login::Pages> pages;

    Lanes lanes;  // after what its jobs use: they end first
    std::unique_ptr<Operations> operations;
    std::unique_ptr<Courier> courier;
    std::unique_ptr<Housekeeping> housekeeping;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<CertificateWatch> certificate;

    std::mutex mutex;
    std::condition_variable stopped;
    bool stop = false;
};

Result<void> Runtime::Impl::build_routes() {
    throttle = TRY(Throttle::make(config.godwit.rate_limits, [this](const http::Refusal& refusal, const http::Request& request) {
        return refuse(refusal, &request);
    }));
    hosts = std::make_unique<instance::HostLookup>(services->instances);
    authenticator = std::make_unique<Authenticator>(services->provider.access_tokens(), *store);
    const std::string spool = config.godwit.data_dir + "/spool";
    migrations = std::make_unique<api::Migrations>(
        run_parts(*services, spool), services->permissions,
        api::MigrationSetup{.node = random_node(), .only_node = !config.postgres.configured(), .authenticator = authenticator.get()});
    register_rpcs(registry, *services, {.body_bytes = config.godwit.limits.import_body_bytes.count, .spool_directory = spool}, *migrations);
    health = std::make_unique<rpc::Health>([this] { return store->ping().has_value(); });
    health->register_on(registry);
    rpc::register_reflection(registry);
    kept_answers = std::make_unique<KeptAnswers>(
        *store, services->sealers, clock,
        KeptAnswers::Limits{.lifetime = std::chrono::duration_cast<std::chrono::seconds>(config.godwit.idempotency.lifetime),
                            .bytes = config.godwit.idempotency.answer_bytes.count});
    endpoint = std::make_unique<rpc::Endpoint>(registry, *hosts, *authenticator, services->permissions,
                                               rpc::Guards{.limits = throttle.get(), .idempotency = kept_answers.get()});
    openapi = std::make_unique<rpc::OpenApi>(registry, GODWIT_VERSION);
    pages = std::make_unique<login::Pages>(login::Services{.store = *store,
                                                           .clock = clock,
                                                           .instances = services->instances,
                                                           .settings = services->settings,
                                                           .texts = services->texts,
                                                           .orgs = services->orgs,
                                                           .apps = services->apps,
                                                           .users = services->users,
                                                           .passwords = services->passwords,
                                                           .links = services->links,
                                                           .sessions = services->sessions,
                                                           .password_check = *services->password_check,
                                                           .totp_check = services->totp_check,
                                                           .session_age = services->session_age,
                                                           .sealers = services->sealers,
                                                           .auth_requests = services->provider.auth_requests(),
                                                           .clients = services->provider.clients(),
                                                           .front_channel = services->provider.front_channel()});
    courier = std::make_unique<Courier>(services->provider);
    housekeeping = std::make_unique<Housekeeping>(*services, key_rotation(config.system_defaults));
    operations = std::make_unique<Operations>(*store, metrics, lanes, *throttle, config.access_log);
    return {};
}

/// In the manner of whoever is at the other end: a person, an OAuth client, a client of the contract.
http::Response Runtime::Impl::refuse(const http::Refusal& refusal, const http::Request* request) const {
    if (request) {
        if (auto answer = services->provider.refusal(refusal, *request)) return *std::move(answer);
        if (login::Pages::owns(request->path) || services->provider.shows_pages(*request)) return pages->refusal(refusal, *request);
    }
    return rpc::refusal_response(refusal, request);
}

http::Route Runtime::Impl::find_route(const http::Request& request) const {
    if (auto found = operations->route(request)) return *std::move(found);
    if (auto found = services->provider.route(request)) return *std::move(found);
    if (auto found = pages->route(request)) return *std::move(found);
    if (request.method == "GET" && (request.path == "/" || request.path == "/ui/login" || request.path == "/ui/login/"))
        return redirect_to(request.path == "/" ? "/ui/login" : "/ui/login/login");
    if (auto found = endpoint->route(request)) return services->provider.tell_nonces(request, *std::move(found));
    if (auto found = openapi->route(request)) return *std::move(found);
    return {.lane = Lane::in_line, .max_body_bytes = config.godwit.limits.body_bytes.count, .handle = [](http::Request&) {
                return rpc::not_found_response();
            }};
}

Result<void> Runtime::Impl::listen() {
    http::ServerOptions options = server_options(config);
    options.tls = TRY(read_tls_files(config.tls));
    const auto tls_files = options.tls;
    options.on_refusal = [this](const http::Refusal& refusal, const http::Request* request) { return refuse(refusal, request); };
    options.on_access = [this](const http::ServerOptions::Access& access) { operations->count(access); };
    server = TRY(http::Server::listen(std::move(options), lanes,
                                      [this](const http::Request& request) { return throttle->apply(request, find_route(request)); }));
    const std::lock_guard lock(mutex);  // a SIGHUP may come at any time
    certificate = std::make_unique<CertificateWatch>([this] { return read_tls_files(config.tls); },
                                                     [this](const http::TlsFiles& files) { return server->reload_tls(files); }, tls_files);
    if (config.tls.enabled) certificate->start(kCertificateInterval);
    log::info("serving", {{"address", services->instances.external().origin(config.external_domain)},
                          {"port", server->port()},
                          {"engine", store->engine()}});
    give_back_start_pages();
    return {};
}

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::open(config::Config wanted, const crypto::MasterKey& master_key) {
    auto impl = std::make_unique<Impl>(std::move(wanted), nullptr);
    const config::Config& config = impl->config;
    impl->store = store::timed(TRY(open_store(impl->config, impl->clock)),
                               [&metrics = impl->metrics](store::Database database, bool bulk, std::chrono::steady_clock::duration took) {
                                   metrics.count_write(database, bulk, took);
                               });
    ServiceSetup setup{.external = {.secure = config.external_secure, .port = config.external_port},
                       .hasher = TRY(hasher_config(config.system_defaults.hasher)),
                       .verifier = {},
                       .lifetimes = oidc_settings(config.oidc.defaults),
                       .rules = {.plain_pkce = config.oidc.code_method_plain,
                                 .dpop_nonce_required = config.oidc.dpop_nonce_required,
                                 .secrets_by_post = config.oidc.auth_method_post,
                                 .client_assertions = config.oidc.auth_method_private_key_jwt,
                                 .refresh_tokens = config.oidc.grant_type_refresh_token,
                                 .request_objects = config.oidc.request_object_supported,
                                 .login_url = config.oidc.default_login_url_v2,
                                 .logout_url = config.oidc.default_logout_url_v2},
                       .key_set_max_age = seconds(config.oidc.jwks_cache_control_max_age),
                       .outgoing = outgoing(config.godwit.outgoing_calls),
                       .offline_outlives_session = config.oidc.offline_outlives_session};
    setup.verifier.forbidden = config.system_defaults.forbidden;
    impl->services = TRY(Services::build(*impl->store, impl->clock, master_key, setup));
    {
        const auto alone = TRY(lock_first_start(impl->config.postgres));
        TRY(impl->services->sealers.check_master_key());
        TRY(user::fold_names(*impl->store, TRY(impl->services->instances.all())));
        impl->greeting = TRY(first_start(*impl->services, impl->config));
    }
    for (config::FirstOrg* org : {&impl->config.first_instance.org, &impl->config.default_instance.org}) org->human.password = {};
    TRY(impl->build_routes());
    return std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

const std::string& Runtime::greeting() const { return impl_->greeting; }

Result<void> Runtime::serve() {
    TRY(impl_->listen());
    std::unique_lock lock(impl_->mutex);
    impl_->stopped.wait(lock, [this] { return impl_->stop; });
    auto certificate = std::move(impl_->certificate);
    lock.unlock();
    certificate.reset();  // it ends its thread, which needs the server
    log::info("stopping: finishing what is under way",
              {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(impl_->config.godwit.limits.drain_timeout).count()}});
    impl_->operations->begin_shutdown();
    impl_->health->begin_shutdown();
    impl_->migrations->begin_shutdown();
    impl_->server->drain(impl_->config.godwit.limits.drain_timeout);
    impl_->server.reset();
    log::info("stopped");
    return {};
}

void Runtime::stop() {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
    impl_->stopped.notify_all();
}

void Runtime::reload() {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->certificate) impl_->certificate->reload();
}

}  // namespace godwit::app
