// The configuration of a process. The member initialisers are the defaults; settings.cc gives each member its key and its words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"

namespace godwit::config {

using Duration = std::chrono::milliseconds;
using std::literals::chrono_literals::operator""h;
using std::literals::chrono_literals::operator""min;
using std::literals::chrono_literals::operator""s;

/// A number of bytes; in files a number, or one with KiB, MiB, GiB.
struct Bytes {
    std::uint64_t count = 0;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

struct Tls {
    bool enabled = true;
    std::string key_path;
    std::string cert_path;
    Secret key;        ///< base64 of a PEM file; key_path wins
    std::string cert;  ///< base64 of a PEM file; cert_path wins
};

struct Ssl {
    std::string mode = "disable";  ///< libpq's sslmode
    std::string root_cert;
    std::string cert;
    std::string key;
};

struct DatabaseUser {
    std::string username;
    Secret password;
    Ssl ssl;
};

struct Postgres {
    Secret dsn;        ///< a whole connection string; wins over the parts
    std::string host;  ///< empty (and no dsn): the embedded store
    std::uint16_t port = 5432;
    std::string database = "zitadel";
    std::string options;
    Duration await_initial_conn = 0s;
    std::int64_t max_open_conns = 10;
    std::int64_t max_idle_conns = 5;
    Duration max_conn_lifetime = 30min;
    Duration max_conn_idle_time = 5min;
    DatabaseUser user{.username = "zitadel", .password = {}, .ssl = {}};
    std::string admin_existing_database;
    DatabaseUser admin{.username = "postgres", .password = {}, .ssl = {}};

    bool configured() const { return !host.empty() || !dsn.empty(); }
};

/// 0 and "" mean: the default of the algorithm (docs/configuration.md has them).
struct Hasher {
    std::string algorithm = "argon2id";
    std::int64_t cost = 0;
    std::int64_t time = 0;
    std::int64_t memory = 0;  ///< KiB
    std::int64_t threads = 0;
    std::int64_t rounds = 0;
    std::string hash;
};

struct SystemDefaults {
    Hasher hasher;
    std::vector<std::string> verifiers;  ///< accepted for old files; every scheme verifies unless forbidden
    std::vector<std::string> forbidden;
    std::int64_t machine_key_size = 2048;
    std::int64_t application_key_size = 2048;
    std::int64_t signing_key_size = 2048;
    Duration private_key_lifetime = 2160h;
    Duration public_key_lifetime = 2880h;
    Duration published_ahead = 24h;
    std::string otp_issuer = "ZITADEL";
};

struct MachineUser {
    std::string username;  ///< empty: no such user
    std::string name;
    std::optional<Time> key_expires;
    std::int64_t key_type = 0;  ///< 1: a JSON key is made
    std::optional<Time> pat_expires;
};

struct HumanUser {
    std::string user_name = "zitadel-admin";
    std::string first_name = "ZITADEL";
    std::string last_name = "Admin";
    std::string nick_name;
    std::string display_name;
    std::string email;  ///< empty: the user name
    bool email_verified = true;
    std::string preferred_language = "en";
    std::string gender;
    std::string phone;
    bool phone_verified = false;
    Secret password;  ///< empty: a random one, printed once
    bool password_change_required = true;
};

struct FirstOrg {
    std::string name = "ZITADEL";
    HumanUser human;
    MachineUser machine;
    MachineUser login_client;
};

struct SecretGenerator {
    std::int64_t length = 6;
    Duration expiry = 0s;  ///< 0: never
    bool lower = false;
    bool upper = true;
    bool digits = true;
    bool symbols = false;
};

struct SecretGenerators {
    SecretGenerator client_secret{.length = 64, .lower = true};
    SecretGenerator initialize_user_code{.expiry = 72h};
    SecretGenerator email_verification_code{.expiry = 1h};
    SecretGenerator phone_verification_code{.expiry = 1h};
    SecretGenerator password_verification_code{.expiry = 1h};
    SecretGenerator passwordless_init_code{.length = 12, .expiry = 1h, .lower = true};
    SecretGenerator domain_verification{.length = 32, .lower = true};
    SecretGenerator otp_sms{.length = 8, .expiry = 5min, .upper = false};
    SecretGenerator otp_email{.length = 8, .expiry = 5min, .upper = false};
    SecretGenerator invite_code{.expiry = 72h};
    SecretGenerator signing_key{.length = 36, .lower = true};
};

struct LoginPolicy {
    bool allow_username_password = true;
    bool allow_register = true;
    bool allow_external_idp = true;
    bool force_mfa = false;
    bool force_mfa_local_only = false;
    bool hide_password_reset = false;
    bool ignore_unknown_usernames = false;
    bool allow_domain_discovery = true;
    bool disable_login_with_email = false;
    bool disable_login_with_phone = false;
    std::int64_t passwordless_type = 1;  ///< 0: not allowed, 1: allowed
    std::string default_redirect_uri;
    Duration password_check_lifetime = 240h;
    Duration external_login_check_lifetime = 240h;
    Duration mfa_init_skip_lifetime = 720h;
    Duration second_factor_check_lifetime = 18h;
    Duration multi_factor_check_lifetime = 12h;
};

struct LabelPolicy {
    std::string primary_color = "#5469d4";
    std::string background_color = "#fafafa";
    std::string warn_color = "#cd3d56";
    std::string font_color = "#000000";
    std::string primary_color_dark = "#2073c4";
    std::string background_color_dark = "#111827";
    std::string warn_color_dark = "#ff3b5b";
    std::string font_color_dark = "#ffffff";
    bool hide_login_name_suffix = false;
    bool error_msg_popup = false;
    bool disable_watermark = false;
};

struct PrivacyPolicy {
    std::string tos_link, privacy_link, help_link, support_email, docs_link, custom_link, custom_link_text;
};

struct PasswordComplexity {
    std::int64_t min_length = 8;
    bool has_lowercase = true, has_uppercase = true, has_number = true, has_symbol = true;
};

struct DomainPolicy {
    bool user_login_must_be_domain = false;
    bool validate_org_domains = false;
    bool smtp_sender_address_matches_instance_domain = false;
};

struct OidcSettings {
    Duration access_token_lifetime = 12h;
    Duration id_token_lifetime = 12h;
    Duration refresh_token_idle_expiration = 720h;
    Duration refresh_token_expiration = 2160h;
};

/// What a new instance begins with.
struct DefaultInstance {
    std::string instance_name = "ZITADEL";
    std::string default_language = "en";
    FirstOrg org;
    SecretGenerators secret_generators;
    PasswordComplexity password_complexity;
    std::int64_t password_expire_warn_days = 0, password_max_age_days = 0;
    DomainPolicy domain;
    LoginPolicy login;
    LabelPolicy label;
    PrivacyPolicy privacy;
    bool notify_password_change = true;
    std::int64_t max_password_attempts = 0, max_otp_attempts = 0;  ///< 0: never locked
    bool should_show_lockout_failure = true;
    OidcSettings oidc;
};

/// What the instance made on an empty database has beyond DefaultInstance (--steps).
struct FirstInstance {
    bool skip = false;
    std::string instance_name = "ZITADEL";
    std::string default_language = "en";
    std::string machine_key_path;
    std::string pat_path;
    std::string login_client_pat_path;
    FirstOrg org;
};

struct Oidc {
    bool code_method_s256 = true;
    bool code_method_plain = false;
    bool dpop_nonce_required = false;
    bool auth_method_post = true;
    bool auth_method_private_key_jwt = true;
    bool grant_type_refresh_token = true;
    bool request_object_supported = true;
    OidcSettings defaults;  ///< for instances without OIDC settings of their own
    Duration jwks_cache_control_max_age = 5min;
    bool offline_outlives_session = false;
    std::string default_login_url_v2 = "/ui/v2/login/login?authRequest=";
    std::string default_logout_url_v2 = "/ui/v2/login/logout?post_logout_redirect=";
};

struct LaneSize {
    std::int64_t threads = 0;  ///< 0: by the number of cores
    std::int64_t active = 0;   ///< 0: the lane's default
    std::int64_t queue = 0;    ///< 0: the lane's default
    Duration max_wait = 0s;    ///< 0: the lane's default
};

struct Idempotency {
    Duration lifetime = 24h;
    Bytes answer_bytes{64 << 10};
};

/// How much of one kind; 0 each second: as much as they like.
struct Rate {
    std::int64_t per_second = 0;
    std::int64_t burst = 0;
};

struct RateLimits {
    std::vector<std::string> exempt = {"127.0.0.0/8", "::1"};
    std::int64_t buckets = 65'536;
    Rate address_requests{.per_second = 1'000, .burst = 10'000};
    Rate address_authorize{.per_second = 20, .burst = 500};
    Rate address_passwords{.per_second = 10, .burst = 300};
    Rate address_refused{.per_second = 5, .burst = 200};
    Rate account_requests{.per_second = 2'000, .burst = 20'000};
    Rate account_writes{.per_second = 1'000, .burst = 10'000};
    Rate account_passwords{.per_second = 200, .burst = 2'000};
};

struct Limits {
    std::int64_t connections = 20'000;
    std::int64_t connections_per_client = 2'000;
    std::int64_t streams_per_connection = 250;
    Bytes header_bytes{64 << 10};
    Bytes body_bytes{4 << 20};
    Bytes import_body_bytes{4ULL << 30};
    Bytes buffered_bytes{512 << 20};
    Bytes buffered_bytes_per_client{64 << 20};
    Bytes reserved_bytes{64 << 20};
    Bytes reserved_bytes_per_client{8 << 20};
    Duration header_timeout = 10s;
    Duration body_idle_timeout = 30s;
    Duration idle_timeout = 120s;
    Duration drain_timeout = 30s;
};

/// Calls to servers that tenants name.
struct OutgoingCalls {
    std::vector<std::string> allowed_networks;
    bool plain_http = true;
    std::string ca_file;
};

struct Godwit {
    std::string data_dir = "data";
    std::string listen_address = "::";
    std::int64_t io_threads = 1;
    std::vector<std::string> trusted_proxies;
    OutgoingCalls outgoing_calls;
    Limits limits;
    Idempotency idempotency;
    RateLimits rate_limits;
    LaneSize read, write, bulk, hash, outgoing;
};

struct Config {
    std::uint16_t port = 8080;
    std::uint16_t external_port = 8080;
    std::string external_domain = "localhost";
    bool external_secure = true;
    std::vector<std::string> instance_host_headers = {"x-zitadel-instance-host"};
    std::vector<std::string> public_host_headers = {"x-zitadel-public-host"};
    std::string webauthn_name = "ZITADEL";
    Tls tls;
    std::string log_level = "info";
    std::string log_format = "text";
    bool access_log = false;
    std::string metrics_type = "otel";
    Postgres postgres;
    SystemDefaults system_defaults;
    Oidc oidc;
    DefaultInstance default_instance;
    FirstInstance first_instance;
    Godwit godwit;
};

}  // namespace godwit::config
