#include "app/config/flags.h"

#include <arpa/inet.h>

#include <array>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"

namespace godwit::config {
namespace {

/// "10.0.0.0/8", "::1".
bool is_address_or_prefix(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string address = text.substr(0, slash);
    std::array<unsigned char, 16> bytes{};
    const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
    if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
    if (slash == std::string::npos) return true;
    const auto bits = parse_number<int>(std::string_view(text).substr(slash + 1));
    return bits && *bits >= 0 && *bits <= (v4 ? 32 : 128);
}

bool is_host(std::string host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return !host.contains('/') && (ascii_host(host) || is_address_or_prefix(host));
}

bool is_rsa_size(std::int64_t bits) { return bits >= 2048 && bits <= 8192; }

class Checks {
public:
    void require(bool good, std::string_view message) {
        if (!good) mistakes_.emplace_back(message);
    }
    Result<void> finish() const {
        if (mistakes_.empty()) return {};
        return fail(Code::invalid_argument, "CONFIG-Va2ld", join(mistakes_, "\n"));
    }

private:
    std::vector<std::string> mistakes_;
};

}  // namespace

Result<void> apply_flags(Loaded& loaded, const Flags& flags) {
    Config& config = loaded.config;
    if (flags.tls_mode) {
        const std::string mode = to_ascii_lower(*flags.tls_mode);
        if (mode != "disabled" && mode != "external" && mode != "enabled")
            return fail(Code::invalid_argument, "CONFIG-Tl3sm", "--tlsMode must be disabled, external or enabled.");
        config.tls.enabled = mode == "enabled";
        config.external_secure = mode != "disabled";
    }
    if (flags.port) {
        config.port = *flags.port;
        if (!loaded.given.contains("ExternalPort")) config.external_port = *flags.port;
    }
    if (flags.data_dir) config.godwit.data_dir = *flags.data_dir;
    return {};
}

Result<void> validate(const Config& config) {
    Checks checks;
    checks.require(is_host(config.external_domain), "ExternalDomain: must be a host name or an address.");
    const bool key = !config.tls.key_path.empty() || !config.tls.key.empty();
    const bool certificate = !config.tls.cert_path.empty() || !config.tls.cert.empty();
    checks.require(!config.tls.enabled || (key && certificate),
                   "TLS.Enabled: needs TLS.KeyPath and TLS.CertPath. Use --tlsMode disabled for plain http, or --tlsMode external behind a "
                   "proxy that does TLS.");
    checks.require(config.postgres.max_open_conns > 0, "Database.postgres.MaxOpenConns: must be 1 or more.");
    checks.require(is_rsa_size(config.system_defaults.machine_key_size) && is_rsa_size(config.system_defaults.application_key_size) &&
                       is_rsa_size(config.system_defaults.signing_key_size),
                   "SystemDefaults: key sizes must be 2048 to 8192 bits.");
    checks.require(
        parse_language_tag(config.default_instance.default_language) && parse_language_tag(config.first_instance.default_language),
        "DefaultLanguage: must be a language tag such as en or de-CH.");
    checks.require(!config.default_instance.instance_name.empty() && !config.first_instance.instance_name.empty(),
                   "InstanceName: must not be empty.");
    checks.require(!config.default_instance.org.name.empty() && !config.first_instance.org.name.empty(), "Org.Name: must not be empty.");
    checks.require(!config.godwit.data_dir.empty(), "Godwit.DataDir: must not be empty.");
    checks.require(config.oidc.code_method_s256, "OIDC.CodeMethodS256: PKCE with S256 cannot be switched off.");
    checks.require(config.godwit.io_threads > 0, "Godwit.IoThreads: must be 1 or more.");
    const Limits& limits = config.godwit.limits;
    checks.require(limits.connections > 0 && limits.connections_per_client > 0, "Godwit.Limits: connections must be 1 or more.");
    checks.require(limits.streams_per_connection > 0 && limits.streams_per_connection <= 10'000,
                   "Godwit.Limits.StreamsPerConnection: must be 1 to 10000.");
    checks.require(limits.header_bytes.count >= 1024 && limits.header_bytes.count <= 16 << 20,
                   "Godwit.Limits.HeaderBytes: must be 1 KiB to 16 MiB.");
    checks.require(limits.buffered_bytes_per_client.count > 0 && limits.buffered_bytes.count >= limits.buffered_bytes_per_client.count,
                   "Godwit.Limits.BufferedBytesPerClient: must be more than 0, and not more than BufferedBytes.");
    checks.require(limits.reserved_bytes_per_client.count > 0 && limits.reserved_bytes.count >= limits.reserved_bytes_per_client.count,
                   "Godwit.Limits.ReservedBytesPerClient: must be more than 0, and not more than ReservedBytes.");
    checks.require(limits.header_timeout > 0s && limits.body_idle_timeout > 0s && limits.idle_timeout > 0s,
                   "Godwit.Limits: time-outs must be longer than 0.");
    for (const std::string& proxy : config.godwit.trusted_proxies)
        checks.require(is_address_or_prefix(proxy), "Godwit.TrustedProxies: " + proxy + " is no address and no prefix such as 10.0.0.0/8.");
    for (const std::string& network : config.godwit.outgoing_calls.allowed_networks)
        checks.require(is_address_or_prefix(network),
                       "Godwit.Outgoing.AllowedNetworks: " + network + " is no address and no prefix such as 10.0.0.0/8.");
    return checks.finish();
}

}  // namespace godwit::config
