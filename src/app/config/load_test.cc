#include "app/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/config/document.h"
#include "app/config/flags.h"
#include "app/config/settings.h"

namespace godwit::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Result<Loaded> load_text(std::vector<std::string> files, std::vector<std::string> environment = {}) {
    std::vector<Source> sources;
    for (std::string& text : files)
        sources.push_back({.name = "f" + std::to_string(sources.size() + 1) + ".yaml", .yaml = std::move(text)});
    return load(sources, environment);
}

TEST(Load, TakesFilesInOrderThenTheEnvironment) {
    const auto loaded =
        load_text({"Port: 9000\nExternalDomain: a.example\nTLS:\n  Enabled: false\n",
                   "externaldomain: b.example\nDatabase:\n  Postgres:\n    Host: db\n    User: {Password: pw, SSL: {Mode: VERIFY-FULL}}\n"},
                  {"ZITADEL_PORT=9001", "GODWIT_EXTERNALDOMAIN=d.example", "ZITADEL_EXTERNALDOMAIN=c.example", "PATH=/bin",
                   "GODWIT_LIMITS_BODYBYTES=1MiB", "ZITADEL_SYSTEMDEFAULTS_PASSWORDHASHER_HASHER_ALGORITHM=bcrypt"});
    ASSERT_TRUE(loaded) << loaded.error().message;
    const Config& config = loaded->config;
    EXPECT_EQ(config.port, 9001);
    EXPECT_EQ(config.external_domain, "d.example");
    EXPECT_FALSE(config.tls.enabled);
    EXPECT_TRUE(config.postgres.configured());
    EXPECT_EQ(config.postgres.user.password.reveal(), "pw");
    EXPECT_EQ(config.postgres.user.ssl.mode, "verify-full");
    EXPECT_EQ(config.godwit.limits.body_bytes.count, 1U << 20);
    EXPECT_EQ(config.system_defaults.hasher.algorithm, "bcrypt");
    EXPECT_EQ(config.system_defaults.hasher.cost, 0);
    EXPECT_THAT(loaded->notices, IsEmpty());
    EXPECT_TRUE(loaded->given.contains("Port"));
    EXPECT_FALSE(loaded->given.contains("ExternalPort"));
}

TEST(Load, DefaultsNeedNoFile) {
    const auto loaded = load_text({"", "# nothing\n", "---\n"});
    ASSERT_TRUE(loaded);
    EXPECT_FALSE(loaded->config.postgres.configured());
    EXPECT_EQ(loaded->config.godwit.limits.import_body_bytes.count, 4ULL << 30);
    EXPECT_EQ(loaded->config.first_instance.org.human.user_name, "zitadel-admin");
}

TEST(Load, ReportsKeysItDoesNotKnowWithTheirLine) {
    const auto loaded =
        load_text({"Port: 1\nExternalDomian: x\nProjections:\n  BulkLimit: 1\nTLS:\n  KeyPth: k\nGarbage: {a: {b: 1}}\nUsername: me\n"},
                  {"ZITADEL_EXTERNALDOMIAN=x", "ZITADEL_MASTERKEY=k", "ZITADEL_CACHES_MEMORY=1", "GODWIT_XYZZY_PLUGH=1"});
    ASSERT_TRUE(loaded);
    EXPECT_THAT(loaded->notices,
                ElementsAre(Notice{"f1.yaml:2", "ExternalDomian: is not known; did you mean ExternalDomain?"},
                            Notice{"f1.yaml:3", "Projections: is not used by Godwit"},
                            Notice{"f1.yaml:6", "TLS.KeyPth: is not known; did you mean TLS.KeyPath?"},
                            Notice{"f1.yaml:7", "Garbage: is not known"},
                            Notice{"f1.yaml:8", "Username: is not known; did you mean Database.postgres.User.Username?"},
                            Notice{"GODWIT_XYZZY_PLUGH", "is not known"}, Notice{"ZITADEL_CACHES_MEMORY", "is not used by Godwit"},
                            Notice{"ZITADEL_EXTERNALDOMIAN", "is not known; did you mean ZITADEL_EXTERNALDOMAIN?"}));
}

TEST(Load, NamesEveryMistakeWithItsPlace) {
    const auto loaded =
        load_text({"Port: eighty\nTLS: on\nLog:\n  Level: loud\nInstanceHostHeaders: {a: b}\nPort: 1\nExternalDomain: [a]\n"},
                  {"ZITADEL_EXTERNALSECURE=maybe"});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Code::invalid_argument);
    const std::string& message = loaded.error().message;
    for (const char* line :
         {"f1.yaml:1: Port: expected a port number from 0 to 65535", "f1.yaml:2: TLS: expected keys below it, not a value",
          "f1.yaml:4: Log.Level: expected one of: trace, debug", "f1.yaml:5: InstanceHostHeaders: expected a value, not keys",
          "f1.yaml:6: Port: stands here twice", "f1.yaml:7: ExternalDomain: expected a single value, not a list",
          "ZITADEL_EXTERNALSECURE: ExternalSecure: expected true or false"})
        EXPECT_THAT(message, HasSubstr(line));
}

TEST(Load, NeverRepeatsASecretInAMessage) {
    const auto loaded = load_text({"Database: {postgres: {User: {Password: {hunter2: 1}}}}\n"}, {});
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, Not(HasSubstr("hunter2")));
}

TEST(Load, SurvivesBrokenAndHostileYaml) {
    EXPECT_THAT(load_text({"Port: [1\n"}).error().message, HasSubstr("f1.yaml:"));
    EXPECT_FALSE(load_text({"- a\n- b\n"}));
    EXPECT_FALSE(load_text({"just text"}));
    EXPECT_FALSE(load_text({std::string(2 << 20, '#')}));
    EXPECT_FALSE(load_text({std::string(20'000, '[')}));
    // Aliases that would make 2^40 nodes are never walked: unknown keys are not descended into.
    std::string bomb = "a0: &a0 {x: 1}\n";
    for (int i = 1; i < 40; ++i)
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {x: *a" + std::to_string(i - 1) + ", y: *a" +
                std::to_string(i - 1) + "}\n";
    EXPECT_TRUE(load_text({bomb}));
}

TEST(Load, TakesFirstInstanceAloneFromSteps) {
    const Source sources[] = {{.name = "config.yaml", .yaml = "Port: 1\n"},
                              {.name = "steps.yaml",
                               .yaml = "Port: 2\nExternalPort: 3\nCorrectCreationDate: {FailAfter: 5m}\nFirstInstance:\n  PatPath: "
                                       "/run/pat\n  Org:\n    Human: {UserName: root}\n    "
                                       "LoginClient: {Machine: {Username: login-client}, Pat: {ExpirationDate: 2030-01-01T00:00:00Z}}\n",
                               .steps = true}};
    const auto loaded = load(sources, {});
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->config.port, 1);
    EXPECT_EQ(loaded->config.external_port, 8080);
    const FirstInstance& first = loaded->config.first_instance;
    EXPECT_EQ(first.pat_path, "/run/pat");
    EXPECT_EQ(first.org.human.user_name, "root");
    EXPECT_EQ(first.org.login_client.username, "login-client");
    EXPECT_EQ(first.org.login_client.pat_expires, parse_rfc3339("2030-01-01T00:00:00Z"));
    EXPECT_THAT(loaded->notices, ElementsAre(Notice{"steps.yaml:2", "ExternalPort: only FirstInstance is read from a --steps file"},
                                             Notice{"steps.yaml:3", "CorrectCreationDate: is not used by Godwit"}));
}

TEST(LoadFiles, SaysWhichFileCannotBeRead) {
    const std::vector<std::string> files = {"/nonexistent/godwit.yaml"};
    EXPECT_EQ(load_files(files, {}, {}).error().message, "cannot read /nonexistent/godwit.yaml: No such file or directory");
    EXPECT_THAT(process_environment(), Not(IsEmpty()));
}

TEST(Flags, ChangeWhatTheySay) {
    const struct {
        const char* mode;
        bool tls, secure;
    } modes[] = {{"disabled", false, false}, {"external", false, true}, {"enabled", true, true}, {"Disabled", false, false}};
    for (const auto& row : modes) {
        Loaded loaded;
        ASSERT_TRUE(apply_flags(loaded, {.tls_mode = row.mode, .port = {}, .data_dir = {}}));
        EXPECT_EQ(loaded.config.tls.enabled, row.tls) << row.mode;
        EXPECT_EQ(loaded.config.external_secure, row.secure) << row.mode;
    }
    Loaded loaded;
    EXPECT_FALSE(apply_flags(loaded, {.tls_mode = "off", .port = {}, .data_dir = {}}));
    ASSERT_TRUE(apply_flags(loaded, {.tls_mode = {}, .port = 9000, .data_dir = "/var/lib/godwit"}));
    EXPECT_EQ(loaded.config.port, 9000);
    EXPECT_EQ(loaded.config.external_port, 9000);
    EXPECT_EQ(loaded.config.godwit.data_dir, "/var/lib/godwit");
    auto behind_proxy = load_text({"ExternalPort: 443\n"});
    ASSERT_TRUE(apply_flags(*behind_proxy, {.tls_mode = {}, .port = 9000, .data_dir = {}}));
    EXPECT_EQ(behind_proxy->config.external_port, 443);
}

TEST(Validate, NamesContradictions) {
    Config config;
    EXPECT_THAT(validate(config).error().message, HasSubstr("--tlsMode disabled"));
    config.tls.enabled = false;
    EXPECT_TRUE(validate(config));
    for (const char* host : {"localhost", "127.0.0.1", "[::1]", "id.example.com", "b\u00fccher.example"}) {
        config.external_domain = host;
        EXPECT_TRUE(validate(config)) << host;
    }
    for (const char* host : {"", "https://id.example.com", "a b", "a/b"}) {
        config.external_domain = host;
        EXPECT_FALSE(validate(config)) << host;
    }
    config.external_domain = "localhost";
    config.godwit.trusted_proxies = {"10.0.0.0/8", "::1", "10.0.0.0/33", "proxy"};
    config.first_instance.default_language = "not a language";
    const std::string message = validate(config).error().message;
    EXPECT_THAT(message, HasSubstr("10.0.0.0/33"));
    EXPECT_THAT(message, HasSubstr("TrustedProxies: proxy"));
    EXPECT_THAT(message, HasSubstr("DefaultLanguage"));
    EXPECT_THAT(message, Not(HasSubstr("::1")));
}

TEST(Validate, WantsLimitsThatLetSomethingThrough) {
    const struct {
        const char* key;
        std::function<void(Limits&)> change;
    } rows[] = {
        {"connections", [](Limits& limits) { limits.connections = 0; }},
        {"connections", [](Limits& limits) { limits.connections_per_client = -1; }},
        {"StreamsPerConnection", [](Limits& limits) { limits.streams_per_connection = 1'000'000; }},
        {"HeaderBytes", [](Limits& limits) { limits.header_bytes = {10}; }},
        {"BufferedBytesPerClient", [](Limits& limits) { limits.buffered_bytes = {1}; }},
        {"ReservedBytesPerClient", [](Limits& limits) { limits.reserved_bytes_per_client = {0}; }},
        {"time-outs", [](Limits& limits) { limits.header_timeout = 0s; }},
    };
    for (const auto& row : rows) {
        Config config;
        config.tls.enabled = false;
        row.change(config.godwit.limits);
        const auto valid = validate(config);
        ASSERT_FALSE(valid) << row.key;
        EXPECT_THAT(valid.error().message, HasSubstr(row.key));
    }
}

TEST(Document, EffectiveYamlReadsBackAndMasksSecrets) {
    Config config;
    config.external_domain = "id: \"quoted\"\n";
    config.postgres.user.password = Secret("hunter2");
    config.godwit.trusted_proxies = {"10.0.0.0/8", "::1"};
    config.default_instance.org.machine.pat_expires = parse_rfc3339("2030-01-01T00:00:00Z");
    const std::string yaml = effective_yaml(config);
    EXPECT_THAT(yaml, Not(HasSubstr("hunter2")));
    const auto again = load_text({yaml});
    ASSERT_TRUE(again) << again.error().message << yaml;
    EXPECT_THAT(again->notices, IsEmpty());
    EXPECT_EQ(again->config.external_domain, config.external_domain);
    EXPECT_EQ(again->given.size(), settings().size());
    EXPECT_EQ(effective_yaml(again->config), yaml);
}

TEST(Document, IsTheCommittedOne) {
    const std::string path = "docs/configuration.md";
    if (std::getenv("GODWIT_WRITE_DOCS")) std::ofstream(path) << reference_markdown();
    std::ifstream in(path);
    std::ostringstream committed;
    committed << in.rdbuf();
    EXPECT_EQ(committed.str(), reference_markdown()) << "run: GODWIT_WRITE_DOCS=1 app_config_test";
}

TEST(Settings, HaveOnePathAndOneVariableEach) {
    std::set<std::string> seen;
    for (const Setting& setting : settings()) {
        for (const std::string& name : environment_names(setting)) EXPECT_TRUE(seen.insert(name).second) << name;
        EXPECT_TRUE(find_setting(setting.path));
        EXPECT_FALSE(is_section(setting.path)) << setting.path;
        EXPECT_TRUE(setting.what.ends_with('.')) << setting.path;
    }
}

}  // namespace
}  // namespace godwit::config
