#include "app/config/settings.h"

namespace godwit::config {
namespace {

using Settings = std::vector<Setting>;
template <class Group>
using Of = std::function<Group&(Config&)>;

/// Adds rows under one prefix, all of whose members lie in one group of the Config.
template <class Group>
class Section {
public:
    Section(Settings& settings, std::string prefix, Of<Group> group)
        : settings_(settings), prefix_(prefix.empty() ? "" : prefix + "."), group_(std::move(group)) {}

    template <class Member>
    Section& row(std::string_view name, Member Group::* member, std::string_view what, std::string_view unit = "",
                 std::vector<std::string_view> choices = {}) {
        settings_.push_back({.path = prefix_ + std::string(name),
                             .target = [group = group_, member](Config& config) -> Target { return &(group(config).*member); },
                             .unit = std::string(unit),
                             .what = std::string(what),
                             .choices = std::move(choices)});
        return *this;
    }

private:
    Settings& settings_;
    std::string prefix_;
    Of<Group> group_;
};

void add_server(Settings& all) {
    Section<Config>(all, "", [](Config& c) -> Config& { return c; })
        .row("Port", &Config::port, "Where the server listens. `--port` sets it too.")
        .row("ExternalDomain", &Config::external_domain,
             "The host people and applications use to reach the server; the first instance answers there.")
        .row("ExternalPort", &Config::external_port,
             "The port they use; another one than `Port` behind a proxy. `--port` sets it too where nothing else does.")
        .row("ExternalSecure", &Config::external_secure, "Whether they use https. `--tlsMode` sets it.")
        .row("InstanceHostHeaders", &Config::instance_host_headers,
             "Headers that may carry the instance's host, in this order; believed from trusted proxies only.")
        .row("PublicHostHeaders", &Config::public_host_headers,
             "Headers that may carry the host the person sees, in this order; believed from trusted proxies only.")
        .row("WebAuthNName", &Config::webauthn_name, "The name authenticators show for passkeys.");
    Section<Tls>(all, "TLS", [](Config& c) -> Tls& { return c.tls; })
        .row("Enabled", &Tls::enabled, "Whether the server itself speaks TLS. `--tlsMode` sets it.")
        .row("KeyPath", &Tls::key_path, "The file of the private key (PEM).")
        .row("CertPath", &Tls::cert_path, "The file of the certificate and its chain (PEM).")
        .row("Key", &Tls::key, "The private key itself, base64 of a PEM file; `KeyPath` wins.")
        .row("Cert", &Tls::cert, "The certificate itself, base64 of a PEM file; `CertPath` wins.");
    Section<Config>(all, "Log", [](Config& c) -> Config& { return c; })
        .row("Level", &Config::log_level, "The least important lines that are written.", "",
             {"trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"})
        .row("Formatter.Format", &Config::log_format, "Lines for people or JSON objects for machines.", "", {"text", "json"});
    Section<Config>(all, "LogStore.Access.Stdout", [](Config& c) -> Config& {
        return c;
    }).row("Enabled", &Config::access_log, "Whether each request is written to the log.");
    Section<Config>(all, "Metrics", [](Config& c) -> Config& { return c; })
        .row("Type", &Config::metrics_type, "`none` switches `/metrics` off; everything else means Prometheus' format there.", "",
             {"otel", "prometheus", "none"});
}

void add_ssl(Settings& all, const std::string& prefix, const Of<Ssl>& ssl) {
    Section<Ssl>(all, prefix, ssl)
        .row("Mode", &Ssl::mode, "libpq's `sslmode`.", "", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
        .row("RootCert", &Ssl::root_cert, "The file of the authorities the server's certificate is checked against.")
        .row("Cert", &Ssl::cert, "The file of the client certificate.")
        .row("Key", &Ssl::key, "The file of the client certificate's key.");
}

void add_database(Settings& all) {
    const std::string prefix = "Database.postgres";
    Section<Postgres>(all, prefix, [](Config& c) -> Postgres& { return c.postgres; })
        .row("DSN", &Postgres::dsn, "A whole libpq connection string; the other keys of the connection are then not looked at.")
        .row("Host", &Postgres::host, "The PostgreSQL server. Empty, as by default, means the embedded database in `Godwit.DataDir`.")
        .row("Port", &Postgres::port, "The port of the PostgreSQL server.")
        .row("Database", &Postgres::database, "The database; it is made with the `Admin` connection when it does not exist.")
        .row("Options", &Postgres::options, "Further libpq parameters, `key=value` separated by spaces.")
        .row("AwaitInitialConn", &Postgres::await_initial_conn, "How long a start waits for a server that is not up yet.")
        .row("MaxOpenConns", &Postgres::max_open_conns, "Connections of this process at most.")
        .row("MaxIdleConns", &Postgres::max_idle_conns, "Connections that are kept open without work.")
        .row("MaxConnLifetime", &Postgres::max_conn_lifetime, "The age at which a connection is replaced.")
        .row("MaxConnIdleTime", &Postgres::max_conn_idle_time, "After so long without work a connection above `MaxIdleConns` is closed.");
    const Of<DatabaseUser> user = [](Config& c) -> DatabaseUser& { return c.postgres.user; };
    Section<DatabaseUser>(all, prefix + ".User", user)
        .row("Username", &DatabaseUser::username, "Who the server connects as.")
        .row("Password", &DatabaseUser::password, "That user's password.");
    add_ssl(all, prefix + ".User.SSL", [](Config& c) -> Ssl& { return c.postgres.user.ssl; });
    Section<Postgres>(all, prefix + ".Admin", [](Config& c) -> Postgres& { return c.postgres; })
        .row("ExistingDatabase", &Postgres::admin_existing_database,
             "The database the admin connects to in order to make the other; empty: the one named like the user.");
    Section<DatabaseUser>(all, prefix + ".Admin", [](Config& c) -> DatabaseUser& { return c.postgres.admin; })
        .row("Username", &DatabaseUser::username, "Who may create the database and its user; used only when they do not exist.")
        .row("Password", &DatabaseUser::password, "That user's password. Empty: nothing is created.");
    add_ssl(all, prefix + ".Admin.SSL", [](Config& c) -> Ssl& { return c.postgres.admin.ssl; });
}

void add_system_defaults(Settings& all) {
    Section<Hasher>(all, "SystemDefaults.PasswordHasher.Hasher", [](Config& c) -> Hasher& { return c.system_defaults.hasher; })
        .row("Algorithm", &Hasher::algorithm,
             "What new passwords are hashed with; others are rehashed at the next sign-in. It may be set alone.", "",
             {"argon2id", "argon2i", "bcrypt", "scrypt", "pbkdf2"})
        .row("Cost", &Hasher::cost, "bcrypt's cost (0: 12) or scrypt's log2 N (0: 15).")
        .row("Time", &Hasher::time, "argon2's passes (0: 2).")
        .row("Memory", &Hasher::memory, "argon2's memory (0: 19456).", "KiB")
        .row("Threads", &Hasher::threads, "argon2's lanes (0: 1).")
        .row("Rounds", &Hasher::rounds, "pbkdf2's iterations (0: 600000).")
        .row("Hash", &Hasher::hash, "pbkdf2's digest (empty: sha256).", "", {"", "sha1", "sha224", "sha256", "sha384", "sha512"});
    Section<SystemDefaults>(all, "SystemDefaults.PasswordHasher", [](Config& c) -> SystemDefaults& { return c.system_defaults; })
        .row("Verifiers", &SystemDefaults::verifiers,
             "Accepted so that existing files work. Every scheme Godwit knows verifies unless it is in `Forbidden`.")
        .row("Forbidden", &SystemDefaults::forbidden,
             "Schemes whose hashes are refused at import and at sign-in; the names are those of `hashedPassword.algorithm`.");
    Section<SystemDefaults>(all, "SystemDefaults", [](Config& c) -> SystemDefaults& { return c.system_defaults; })
        .row("SecretGenerators.MachineKeySize", &SystemDefaults::machine_key_size, "RSA keys made for machine users.", "bits")
        .row("SecretGenerators.ApplicationKeySize", &SystemDefaults::application_key_size, "RSA keys made for applications.", "bits")
        .row("KeyConfig.Size", &SystemDefaults::signing_key_size, "RSA keys that sign tokens.", "bits")
        .row("KeyConfig.PrivateKeyLifetime", &SystemDefaults::private_key_lifetime,
             "How long a signing key signs before the next one does; 0: until somebody activates another (docs/signing-keys.md).")
        .row("KeyConfig.PublicKeyLifetime", &SystemDefaults::public_key_lifetime,
             "How long a signing key is published, signing and afterwards; in any case as long as tokens it signed are good.")
        .row("KeyConfig.PublishedAhead", &SystemDefaults::published_ahead,
             "How long the next signing key is published before it signs; longer than others keep the key set.")
        .row("Multifactors.OTP.Issuer", &SystemDefaults::otp_issuer, "The issuer authenticator apps show; empty: the host of the request.");
}

void add_machine(Settings& all, const std::string& prefix, const Of<MachineUser>& machine, std::string_view role, bool with_key) {
    Section<MachineUser> section(all, prefix, machine);
    section.row("Machine.Username", &MachineUser::username, "A machine user with the role " + std::string(role) + "; none when empty.")
        .row("Machine.Name", &MachineUser::name, "Its name; empty: the user name.");
    if (with_key) {
        section.row("MachineKey.Type", &MachineUser::key_type, "1: a JSON key is made for it; 0: none.")
            .row("MachineKey.ExpirationDate", &MachineUser::key_expires, "When that key ends; empty: never.");
    }
    section.row("Pat.ExpirationDate", &MachineUser::pat_expires,
                "When its personal access token ends. A token is made when this, or the file it goes to, is given.");
}

void add_org(Settings& all, const std::string& prefix, const Of<FirstOrg>& org) {
    Section<FirstOrg>(all, prefix, org).row("Name", &FirstOrg::name, "The default organization.");
    Section<HumanUser>(all, prefix + ".Human", [org](Config& c) -> HumanUser& { return org(c).human; })
        .row("UserName", &HumanUser::user_name,
             "The first person, with the role IAM_OWNER. Without an `@` the organization's domain is added.")
        .row("FirstName", &HumanUser::first_name, "Given name.")
        .row("LastName", &HumanUser::last_name, "Family name.")
        .row("NickName", &HumanUser::nick_name, "Nickname.")
        .row("DisplayName", &HumanUser::display_name, "Display name; empty: given and family name.")
        .row("Email.Address", &HumanUser::email, "E-mail address; empty: the login name.")
        .row("Email.Verified", &HumanUser::email_verified, "Whether that address counts as verified.")
        .row("PreferredLanguage", &HumanUser::preferred_language, "Language tag.")
        .row("Gender", &HumanUser::gender, "`female`, `male`, `diverse`, their numbers 1 to 3, or empty.", "",
             {"", "0", "1", "2", "3", "unspecified", "female", "male", "diverse"})
        .row("Phone.Number", &HumanUser::phone, "Phone number.")
        .row("Phone.Verified", &HumanUser::phone_verified, "Whether that number counts as verified.")
        .row("Password", &HumanUser::password, "The first password; empty: a random one, printed once.")
        .row("PasswordChangeRequired", &HumanUser::password_change_required, "Whether the first sign-in asks for a new password.");
    add_machine(all, prefix + ".Machine", [org](Config& c) -> MachineUser& { return org(c).machine; }, "IAM_OWNER", true);
    add_machine(all, prefix + ".LoginClient", [org](Config& c) -> MachineUser& { return org(c).login_client; }, "IAM_LOGIN_CLIENT", false);
}

void add_generator(Settings& all, std::string_view name, SecretGenerator SecretGenerators::* member, std::string_view what) {
    Section<SecretGenerator>(all, "DefaultInstance.SecretGenerators." + std::string(name),
                             [member](Config& c) -> SecretGenerator& { return c.default_instance.secret_generators.*member; })
        .row("Length", &SecretGenerator::length, "How long " + std::string(what) + " are.", "characters")
        .row("Expiry", &SecretGenerator::expiry, "How long they are valid; 0: for ever.")
        .row("IncludeLowerLetters", &SecretGenerator::lower, "Whether they have a to z.")
        .row("IncludeUpperLetters", &SecretGenerator::upper, "Whether they have A to Z.")
        .row("IncludeDigits", &SecretGenerator::digits, "Whether they have 0 to 9.")
        .row("IncludeSymbols", &SecretGenerator::symbols, "Whether they have punctuation.");
}

void add_generators(Settings& all) {
    using G = SecretGenerators;
    add_generator(all, "ClientSecret", &G::client_secret, "secrets of applications and machine users");
    add_generator(all, "InitializeUserCode", &G::initialize_user_code, "codes that initialise a user");
    add_generator(all, "EmailVerificationCode", &G::email_verification_code, "codes that verify an e-mail address");
    add_generator(all, "PhoneVerificationCode", &G::phone_verification_code, "codes that verify a phone number");
    add_generator(all, "PasswordVerificationCode", &G::password_verification_code, "codes that allow a new password");
    add_generator(all, "PasswordlessInitCode", &G::passwordless_init_code, "codes that allow a passkey");
    add_generator(all, "DomainVerification", &G::domain_verification, "codes that verify a domain");
    add_generator(all, "OTPSMS", &G::otp_sms, "one-time codes by SMS");
    add_generator(all, "OTPEmail", &G::otp_email, "one-time codes by e-mail");
    add_generator(all, "InviteCode", &G::invite_code, "invitation codes");
    add_generator(all, "SigningKey", &G::signing_key, "signing keys of targets");
}

void add_login_policy(Settings& all) {
    using P = LoginPolicy;
    Section<P>(all, "DefaultInstance.LoginPolicy", [](Config& c) -> P& { return c.default_instance.login; })
        .row("AllowUsernamePassword", &P::allow_username_password, "Whether people may sign in with a password.")
        .row("AllowRegister", &P::allow_register, "Whether people may register themselves.")
        .row("AllowExternalIDP", &P::allow_external_idp, "Whether people may sign in through identity providers.")
        .row("ForceMFA", &P::force_mfa, "Whether everyone needs a second factor.")
        .row("ForceMFALocalOnly", &P::force_mfa_local_only, "Whether everyone who did not come through an identity provider needs one.")
        .row("HidePasswordReset", &P::hide_password_reset, "Whether the login page hides its link to a new password.")
        .row("IgnoreUnknownUsernames", &P::ignore_unknown_usernames, "Whether unknown names look like known ones.")
        .row("AllowDomainDiscovery", &P::allow_domain_discovery, "Whether a name's domain may lead to its organization.")
        .row("DisableLoginWithEmail", &P::disable_login_with_email, "Whether the e-mail address is no login name.")
        .row("DisableLoginWithPhone", &P::disable_login_with_phone, "Whether the phone number is no login name.")
        .row("PasswordlessType", &P::passwordless_type, "1: passkeys may replace the password; 0: not.")
        .row("DefaultRedirectURI", &P::default_redirect_uri, "Where a sign-in without an application ends; empty: the console.")
        .row("PasswordCheckLifetime", &P::password_check_lifetime, "How long a checked password counts.")
        .row("ExternalLoginCheckLifetime", &P::external_login_check_lifetime, "How long a sign-in at an identity provider counts.")
        .row("MfaInitSkipLifetime", &P::mfa_init_skip_lifetime, "How long the offer to add a second factor stays skipped.")
        .row("SecondFactorCheckLifetime", &P::second_factor_check_lifetime, "How long a checked second factor counts.")
        .row("MultiFactorCheckLifetime", &P::multi_factor_check_lifetime, "How long a checked passkey counts.");
}

void add_policies(Settings& all) {
    using D = DefaultInstance;
    const Of<D> instance = [](Config& c) -> D& { return c.default_instance; };
    Section<PasswordComplexity>(all, "DefaultInstance.PasswordComplexityPolicy",
                                [](Config& c) -> PasswordComplexity& { return c.default_instance.password_complexity; })
        .row("MinLength", &PasswordComplexity::min_length, "The fewest characters of a password.", "characters")
        .row("HasLowercase", &PasswordComplexity::has_lowercase, "Whether a password needs a small letter.")
        .row("HasUppercase", &PasswordComplexity::has_uppercase, "Whether it needs a capital letter.")
        .row("HasNumber", &PasswordComplexity::has_number, "Whether it needs a digit.")
        .row("HasSymbol", &PasswordComplexity::has_symbol, "Whether it needs something else.");
    Section<D>(all, "DefaultInstance.PasswordAgePolicy", instance)
        .row("ExpireWarnDays", &D::password_expire_warn_days, "How long before its end a password is warned of.", "days")
        .row("MaxAgeDays", &D::password_max_age_days, "The age at which a password must be changed; 0: none.", "days");
    Section<D>(all, "DefaultInstance.LockoutPolicy", instance)
        .row("MaxPasswordAttempts", &D::max_password_attempts, "Wrong passwords in a row that lock a user; 0: never.")
        .row("MaxOTPAttempts", &D::max_otp_attempts, "Wrong one-time codes in a row that lock a user; 0: never.")
        .row("ShouldShowLockoutFailure", &D::should_show_lockout_failure, "Whether a locked user is told so.");
    Section<DomainPolicy>(all, "DefaultInstance.DomainPolicy", [](Config& c) -> DomainPolicy& { return c.default_instance.domain; })
        .row("UserLoginMustBeDomain", &DomainPolicy::user_login_must_be_domain, "Whether login names end with the organization's domain.")
        .row("ValidateOrgDomains", &DomainPolicy::validate_org_domains, "Whether organizations must prove that a domain is theirs.")
        .row("SMTPSenderAddressMatchesInstanceDomain", &DomainPolicy::smtp_sender_address_matches_instance_domain,
             "Whether mail may only be sent from the instance's domain.");
    Section<D>(all, "DefaultInstance.NotificationPolicy", instance)
        .row("PasswordChange", &D::notify_password_change, "Whether people get a message when their password changes.");
}

void add_looks(Settings& all) {
    using L = LabelPolicy;
    Section<L>(all, "DefaultInstance.LabelPolicy", [](Config& c) -> L& { return c.default_instance.label; })
        .row("PrimaryColor", &L::primary_color, "Buttons and links, light.")
        .row("BackgroundColor", &L::background_color, "Background, light.")
        .row("WarnColor", &L::warn_color, "Warnings, light.")
        .row("FontColor", &L::font_color, "Text, light.")
        .row("PrimaryColorDark", &L::primary_color_dark, "Buttons and links, dark.")
        .row("BackgroundColorDark", &L::background_color_dark, "Background, dark.")
        .row("WarnColorDark", &L::warn_color_dark, "Warnings, dark.")
        .row("FontColorDark", &L::font_color_dark, "Text, dark.")
        .row("HideLoginNameSuffix", &L::hide_login_name_suffix, "Whether the login page leaves out the organization's domain.")
        .row("ErrorMsgPopup", &L::error_msg_popup, "Whether errors show in a box of their own.")
        .row("DisableWatermark", &L::disable_watermark, "Whether the login page leaves out the product's name.");
    using P = PrivacyPolicy;
    Section<P>(all, "DefaultInstance.PrivacyPolicy", [](Config& c) -> P& { return c.default_instance.privacy; })
        .row("TOSLink", &P::tos_link, "Terms of service.")
        .row("PrivacyLink", &P::privacy_link, "Privacy statement.")
        .row("HelpLink", &P::help_link, "Help.")
        .row("SupportEmail", &P::support_email, "Whom to write to.")
        .row("DocsLink", &P::docs_link, "Documentation link of the console.")
        .row("CustomLink", &P::custom_link, "A further link of the console.")
        .row("CustomLinkText", &P::custom_link_text, "Its text.");
}

void add_oidc_settings(Settings& all, const std::string& prefix, const std::string& before, const Of<OidcSettings>& settings) {
    Section<OidcSettings>(all, prefix, settings)
        .row(before + "AccessTokenLifetime", &OidcSettings::access_token_lifetime, "How long an access token is valid.")
        .row(before + "IdTokenLifetime", &OidcSettings::id_token_lifetime, "How long an ID token is valid.")
        .row(before + "RefreshTokenIdleExpiration", &OidcSettings::refresh_token_idle_expiration,
             "How long a refresh token may stay unused.")
        .row(before + "RefreshTokenExpiration", &OidcSettings::refresh_token_expiration, "How long refreshing goes on at most.");
}

void add_instances(Settings& all) {
    using D = DefaultInstance;
    Section<D>(all, "DefaultInstance", [](Config& c) -> D& { return c.default_instance; })
        .row("InstanceName", &D::instance_name, "The name of a new instance.")
        .row("DefaultLanguage", &D::default_language, "Its language where nothing else is asked for.");
    add_org(all, "DefaultInstance.Org", [](Config& c) -> FirstOrg& { return c.default_instance.org; });
    add_login_policy(all);
    add_policies(all);
    add_oidc_settings(all, "DefaultInstance.OIDCSettings", "", [](Config& c) -> OidcSettings& { return c.default_instance.oidc; });
    add_generators(all);
    add_looks(all);
    using F = FirstInstance;
    Section<F>(all, "FirstInstance", [](Config& c) -> F& { return c.first_instance; })
        .row("Skip", &F::skip, "Whether the empty database stays without an instance.")
        .row("InstanceName", &F::instance_name, "The name of the first instance.")
        .row("DefaultLanguage", &F::default_language, "Its language where nothing else is asked for.")
        .row("MachineKeyPath", &F::machine_key_path, "The file the key of `Org.Machine` is written to (mode 0600).")
        .row("PatPath", &F::pat_path, "The file the token of `Org.Machine` is written to (mode 0600).")
        .row("LoginClientPatPath", &F::login_client_pat_path, "The file the token of `Org.LoginClient` is written to (mode 0600).");
    add_org(all, "FirstInstance.Org", [](Config& c) -> FirstOrg& { return c.first_instance.org; });
}

void add_oidc(Settings& all) {
    Section<Oidc> section(all, "OIDC", [](Config& c) -> Oidc& { return c.oidc; });
    section
        .row("CodeMethodS256", &Oidc::code_method_s256, "Known for the sake of files that have it: PKCE with S256 cannot be switched off.")
        .row("CodeMethodPlain", &Oidc::code_method_plain,
             "Whether PKCE with `plain` is taken too, for applications that know no other. It does not protect against who reads the "
             "request.")
        .row("DPoPNonceRequired", &Oidc::dpop_nonce_required,
             "Whether DPoP proofs must have a nonce of this server (RFC 9449 section 8), so that none can be made in advance.")
        .row("AuthMethodPost", &Oidc::auth_method_post, "Whether clients may send their secret in the form.")
        .row("AuthMethodPrivateKeyJWT", &Oidc::auth_method_private_key_jwt, "Whether clients may sign assertions with their key.")
        .row("GrantTypeRefreshToken", &Oidc::grant_type_refresh_token, "Whether there are refresh tokens.")
        .row("RequestObjectSupported", &Oidc::request_object_supported, "Whether an authorization request may come as a signed object.");
    add_oidc_settings(all, "OIDC", "Default", [](Config& c) -> OidcSettings& { return c.oidc.defaults; });
    section.row("JWKSCacheControlMaxAge", &Oidc::jwks_cache_control_max_age, "How long others may keep the published keys; 0: not at all.")
        .row("OfflineOutlivesSession", &Oidc::offline_outlives_session,
             "Whether tokens with `offline_access` stay good when their session is signed out; otherwise they end with it.")
        .row("DefaultLoginURLV2", &Oidc::default_login_url_v2, "Where a sign-in begins; the request's id is added.")
        .row("DefaultLogoutURLV2", &Oidc::default_logout_url_v2, "Where a sign-out ends; the page to go on to is added.");
}

void add_lane(Settings& all, std::string_view name, LaneSize Godwit::* member, std::string_view work) {
    Section<LaneSize>(all, "Godwit.Lanes." + std::string(name), [member](Config& c) -> LaneSize& { return c.godwit.*member; })
        .row("Threads", &LaneSize::threads, "Threads for " + std::string(work) + "; 0: by the number of cores.")
        .row("Active", &LaneSize::active,
             "How many of these work at a time while the others wait for a commit or another server; 0: the lane's default.")
        .row("Queue", &LaneSize::queue, "How many of them may wait; one more is refused with 503. 0: the lane's default.")
        .row("MaxWait", &LaneSize::max_wait, "How long one may wait before it is refused; 0: the lane's default.");
}

void add_rate(Settings& all, std::string_view name, Rate RateLimits::* member, std::string_view what) {
    Section<Rate>(all, "Godwit.RateLimits." + std::string(name), [member](Config& c) -> Rate& { return c.godwit.rate_limits.*member; })
        .row("PerSecond", &Rate::per_second, std::string(what) + ", each second in the long run; 0: no limit.")
        .row("Burst", &Rate::burst, "How many at once after a rest.");
}

void add_rate_limits(Settings& all) {
    Section<RateLimits>(all, "Godwit.RateLimits", [](Config& c) -> RateLimits& { return c.godwit.rate_limits; })
        .row("Exempt", &RateLimits::exempt, "Addresses or CIDR prefixes from which nothing is limited, neither by address nor by account.")
        .row("Buckets", &RateLimits::buckets,
             "How many addresses and accounts are remembered, 16 bytes each; then the least busy is forgotten.");
    add_rate(all, "Address.Requests", &RateLimits::address_requests, "Requests of one address (of IPv6: one /64 network)");
    add_rate(all, "Address.Authorize", &RateLimits::address_authorize, "Authorization requests of one address");
    add_rate(all, "Address.Passwords", &RateLimits::address_passwords, "Forms sent to the sign-in pages by one address");
    add_rate(all, "Address.Refused", &RateLimits::address_refused, "Refused secrets, codes and tokens of one address");
    add_rate(all, "Account.Requests", &RateLimits::account_requests, "Calls of one account");
    add_rate(all, "Account.Writes", &RateLimits::account_writes, "Writing calls of one account");
    add_rate(all, "Account.Passwords", &RateLimits::account_passwords, "Calls of one account that check or hash passwords");
}

void add_godwit(Settings& all) {
    Section<Godwit>(all, "Godwit", [](Config& c) -> Godwit& { return c.godwit; })
        .row("DataDir", &Godwit::data_dir, "Embedded database, spooled imports, generated secrets. `--data` sets it too.")
        .row("ListenAddress", &Godwit::listen_address, "The address to listen on; `::` means all, IPv4 too.")
        .row("IoThreads", &Godwit::io_threads, "Threads that read and write connections.")
        .row("TrustedProxies", &Godwit::trusted_proxies,
             "Addresses or CIDR prefixes whose forwarded headers are believed; by default nobody's are.");
    Section<OutgoingCalls>(all, "Godwit.Outgoing", [](Config& c) -> OutgoingCalls& { return c.godwit.outgoing_calls; })
        .row("AllowedNetworks", &OutgoingCalls::allowed_networks,
             "Addresses or CIDR prefixes of your own network that addresses which tenants give (logout) may lead to; otherwise only public "
             "ones.")
        .row("PlainHttp", &OutgoingCalls::plain_http, "Whether such addresses may be `http://`, or `https://` only.")
        .row("CaFile", &OutgoingCalls::ca_file, "The file of the authorities their certificates are checked against; empty: the system's.");
    Section<Limits>(all, "Godwit.Limits", [](Config& c) -> Limits& { return c.godwit.limits; })
        .row("Connections", &Limits::connections, "Open connections at most; further ones get 503.")
        .row("ConnectionsPerClient", &Limits::connections_per_client,
             "Open connections of one address (of one IPv6 /64 network) at most; further ones get 503. Those of `TrustedProxies` are not "
             "counted.")
        .row("StreamsPerConnection", &Limits::streams_per_connection, "Requests at once on one HTTP/2 connection.")
        .row("HeaderBytes", &Limits::header_bytes, "The header of a request at most; more is 431.")
        .row("BodyBytes", &Limits::body_bytes, "The body of a request at most; more is 413.")
        .row("ImportBodyBytes", &Limits::import_body_bytes, "The body of `POST /admin/v1/import` at most.")
        .row("BufferedBytes", &Limits::buffered_bytes,
             "Memory for the bodies of all requests under way; more is 503. Imports are not kept in memory.")
        .row("BufferedBytesPerClient", &Limits::buffered_bytes_per_client,
             "What the requests of one address (of one IPv6 /64 network) may take of that; more is 503, for this address alone.")
        .row("ReservedBytes", &Limits::reserved_bytes,
             "Memory besides, for forms and token requests alone, so that people sign in while others send large bodies.")
        .row("ReservedBytesPerClient", &Limits::reserved_bytes_per_client, "What one address may take of that.")
        .row("HeaderTimeout", &Limits::header_timeout, "How long a header may take to arrive.")
        .row("BodyIdleTimeout", &Limits::body_idle_timeout, "How long a body may stand still; then 408.")
        .row("IdleTimeout", &Limits::idle_timeout, "How long a connection without a request stays open.")
        .row("DrainTimeout", &Limits::drain_timeout, "How long a stop waits for running requests.");
    Section<Idempotency>(all, "Godwit.Idempotency", [](Config& c) -> Idempotency& { return c.godwit.idempotency; })
        .row("Lifetime", &Idempotency::lifetime, "How long the answer to a call with an Idempotency-Key is kept.")
        .row("AnswerBytes", &Idempotency::answer_bytes, "A longer answer is not kept: a repeated call is told so.");
    add_rate_limits(all);
    add_lane(all, "Read", &Godwit::read, "short reads");
    add_lane(all, "Write", &Godwit::write, "short writes");
    add_lane(all, "Bulk", &Godwit::bulk, "imports and exports");
    add_lane(all, "Hash", &Godwit::hash, "password hashing");
    add_lane(all, "Outgoing", &Godwit::outgoing, "calls to other servers");
}

}  // namespace

const std::vector<Setting>& settings() {
    static const Settings* const all = [] {
        auto* const table = new Settings;
        add_server(*table);
        add_database(*table);
        add_system_defaults(*table);
        add_oidc(*table);
        add_instances(*table);
        add_godwit(*table);
        return table;
    }();
    return *all;
}

}  // namespace godwit::config
