// Two instances and three organizations with one of everything in each, all rooms wired, for the tests of who reaches what.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/admin/import.h"
#include "api/migration/migrations.h"
#include "app/authenticator.h"
#include "app/migrations.h"
#include "app/registrations.h"
#include "app/services.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/keys.h"
#include "directory/instance/host_lookup.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/auth_requests.h"
#include "store/schema/versions.h"
#include "store/store_test_fixture.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/registry.h"

namespace godwit::app {

/// One organization with one of everything. Texts that nobody else may ever see are its markers.
struct Tenant {
    std::string tag;
    InstanceScope instance = InstanceScope::of({});
    OrgScope org{InstanceScope::of({}), OrgId{}};
    std::string host, org_id, domain;

    UserId human, machine;
    ProjectId project;
    std::string project_id, web_app, api_app, key_app, client_id, client_secret;
    std::string project_grant, user_grant;
    std::string human_id, login_name, email, machine_id, machine_name, pat_id, pat, machine_key, app_key, idp_id, instance_idp, external_id,
        passkey_id, u2f_id;
    std::string session_id, session_token, auth_request, device_request, user_code, job_id;

    std::vector<std::int64_t> keys;    ///< of all its rows
    std::vector<std::string> markers;  ///< names, addresses, ids
};

/// What a call was answered.
struct Answer {
    int code = 0;      ///< of gRPC; 0: ok
    std::string id;    ///< of the error
    std::string body;  ///< serialised response, or the error's message
};

class TenantsTest : public store::StoreTest {
protected:
    void SetUp() override {
        // What it costs to hash is of no interest here.
        const ServiceSetup setup{.external = {}, .hasher = {.argon2_memory_kib = 64, .argon2_passes = 1}, .verifier = {}, .lifetimes = {}};
        auto built = Services::build(store(), clock(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))), setup);
        ASSERT_TRUE(built) << built.error().message;
        services_ = *std::move(built);
        spki_ = crypto::PrivateKey::generate(crypto::KeyType::p256).public_key().to_pem();
        hosts_ = std::make_unique<instance::HostLookup>(services_->instances);
        authenticator_ = std::make_unique<Authenticator>(services_->provider.access_tokens(), store());
        migrations_ =
            std::make_unique<api::Migrations>(run_parts(*services_, ::testing::TempDir()), services_->permissions, api::MigrationSetup{});
        register_rpcs(registry_, *services_, {.body_bytes = 1 << 20, .spool_directory = ::testing::TempDir()}, *migrations_);
        endpoint_ = std::make_unique<rpc::Endpoint>(registry_, *hosts_, *authenticator_, services_->permissions);
        one_ = make_instance("one.example", /*first=*/true);
        two_ = make_instance("two.example", /*first=*/false);
    }

    InstanceScope make_instance(const std::string& host, bool first) {
        const auto key = key::SigningKeys::make({.algorithm = crypto::Algorithm::ES256});
        const auto made = store().write(store::Database::directory, [&](store::Writer& db) -> Result<InstanceScope> {
            const auto instance = TRY(services_->instances.create(db, {}, {.name = host, .primary_host = host}));
            if (first) TRY(services_->sealers.create(db, InstanceScope::of({})));
            const auto sealer = TRY(services_->sealers.create(db, instance.scope()));
            TRY(services_->signing_keys.create(db, instance.scope(), {}, *sealer, crypto::Algorithm::ES256, key));
            const auto org = TRY(services_->orgs.create(db, instance.scope(), {}, {.name = "Operators of " + host}));
            TRY(services_->instances.set_default_org(db, instance.scope(), {}, org.key));
            const auto project = TRY(services_->projects.create(db, OrgScope(instance.scope(), org.key), {}, {.name = "Own"}));
            TRY(services_->instances.set_console(db, instance.scope(), {}, project.key, AppId{}));
            operators_.insert_or_assign(host, OrgScope(instance.scope(), org.key));
            return instance.scope();
        });
        EXPECT_TRUE(made) << made.error().message;
        EXPECT_TRUE(services_->instances.set_running(*made));
        return *made;
    }

    /// A new organization with one of everything. `tag` is part of every name, and of the ids of human, project and identity provider.
    Tenant plant(InstanceScope instance, const std::string& host, const std::string& tag) {
        Tenant t;
        t.tag = tag;
        t.instance = instance;
        t.host = host;
        const auto org = must(services_->orgs.create(instance, {}, {.name = "Org-" + tag}));
        t.org = OrgScope(instance, org.key);
        t.org_id = org.id;
        t.domain = org.primary_domain;
        plant_users(t);
        plant_project(t);
        plant_grants(t);
        plant_sign_in(t);
        plant_job(t);
        t.keys.push_back(org.key.key);
        for (const std::string& id : {t.human_id,
                                      t.machine_id,
                                      t.login_name,
                                      t.email,
                                      t.project_id,
                                      t.web_app,
                                      t.api_app,
                                      t.key_app,
                                      t.project_grant,
                                      t.user_grant,
                                      "Metadata-" + t.tag,
                                      t.idp_id,
                                      t.passkey_id,
                                      t.u2f_id,
                                      t.session_id,
                                      t.auth_request,
                                      t.device_request,
                                      t.user_code,
                                      t.org_id,
                                      t.domain,
                                      "Org-" + t.tag,
                                      "First-" + t.tag,
                                      "Last-" + t.tag,
                                      "Machine-" + t.tag,
                                      "Project-" + t.tag,
                                      "Role-" + t.tag,
                                      "Idp-" + t.tag,
                                      t.instance_idp,
                                      "Instance-Idp-" + t.tag,
                                      "App-" + t.tag,
                                      "Said-" + t.tag,
                                      t.client_id,
                                      t.client_secret,
                                      t.pat,
                                      t.session_token})
            t.markers.push_back(id);
        return t;
    }

    void plant_users(Tenant& t) {
        const idp::Idp idp = must(
            services_->idps.create(t.org, {}, {.name = "Idp-" + t.tag, .options = {.creation_allowed = true}, .config = {}, .secret = {}}));
        t.idp_id = idp.id;
        const auto of_instance = must(services_->idps.create(OrgScope(t.instance, OrgId{}), {},
                                                             {.name = "Instance-Idp-" + t.tag, .options = {}, .config = {}, .secret = {}}));
        t.instance_idp = of_instance.id;
        t.keys.push_back(of_instance.key.key);
        t.external_id = "external-" + t.tag;
        user::NewHuman human;
        human.profile.first_name = "First-" + t.tag;
        human.profile.last_name = "Last-" + t.tag;
        human.email = t.email = t.tag + "@mail.example";
        human.phone = "+41791234567";
        human.password = user::NewPassword{"$plain$x", "plain", false};
        human.idp_links = {{.idp_id = idp.id, .external_id = t.external_id, .display_name = "Said-" + t.tag}};
        human.totp.push_back({.key = Secret("twenty bytes of a key"), .name = {}});
        human.passkeys = {{.credential_id = "passkey-" + t.tag, .cose_key = "\xa1\x01", .rp_id = t.host},
                          {.credential_id = "u2f-" + t.tag, .cose_key = "\xa1\x01", .rp_id = t.host, .passwordless = false}};
        human.otp_email = human.otp_sms = true;
        user::NewUser user;
        user.given_id = t.human_id = "human-" + t.tag;
        user.name = t.login_name = "login-" + t.tag;
        user.as = human;
        t.human = must(services_->users.create(t.org, user, {})).id;

        t.passkey_id = must(services_->links.passkeys(user::Ref::of(t.org, t.human))).front().id;
        for (const user::Factor& factor : must(services_->links.factors(user::Ref::of(t.org, t.human))))
            if (factor.kind == user::Factor::Kind::u2f) t.u2f_id = factor.id;
        settings::v1::LoginPolicy policy;
        policy.add_idps(idp.key.key);
        EXPECT_TRUE(services_->settings.set(t.org, {}, policy));

        user::NewMachine machine;
        machine.name = "Machine-" + t.tag;
        user.given_id = t.machine_id = "machine-" + t.tag;
        user.name = t.machine_name = "robot-" + t.tag;
        user.as = machine;
        t.machine = must(services_->users.create(t.org, user, {})).id;
        const auto ref = user::Ref::of(t.org, t.machine);
        const auto pat = must(services_->machines.add_pat(ref, {}, {"openid"}, {}));
        t.pat_id = pat.id;
        t.pat = pat.token.reveal();
        t.machine_key = must(services_->machines.add_key(ref, {}, spki_, {})).id;
        EXPECT_TRUE(services_->machines.generate_secret(ref, {}));
        for (const std::int64_t key : {idp.key.key, t.human.key, t.machine.key}) t.keys.push_back(key);
        for (const std::string& id : {t.pat_id, t.machine_key}) t.keys.push_back(*parse_number<std::int64_t>(id));
    }

    void plant_project(Tenant& t) {
        const auto project = must(services_->projects.create(t.org, {}, {.name = "Project-" + t.tag, .id = "project-" + t.tag}));
        t.project = project.key;
        t.project_id = project.id;
        const project::Role role{.key = "role-" + t.tag, .display_name = "Role-" + t.tag, .group = {}};
        EXPECT_TRUE(services_->projects.add_roles(t.org, {}, project.id, std::span(&role, 1)));
        application::OidcConfig config;
        config.redirect_uris = {"https://app.example/cb"};
        config.grant_types = {application::GrantType::authorization_code, application::GrantType::refresh_token,
                              application::GrantType::device_code};
        const auto add = [&](const char* name, application::OidcAuthMethod method) {
            config.auth_method = method;
            const auto made = must(services_->apps.create(t.org, project.id, {}, {.name = name + t.tag, .config = config}));
            t.keys.push_back(made.app.key.key);
            return made;
        };
        const auto web = add("App-", application::OidcAuthMethod::basic);
        t.web_app = web.app.id;
        t.client_id = web.app.client_id;
        t.client_secret = web.client_secret.reveal();
        t.key_app = add("Key-App-", application::OidcAuthMethod::private_key_jwt).app.id;
        const auto api =
            must(services_->apps.create(t.org, project.id, {}, {.name = "Api-App-" + t.tag, .config = application::ApiConfig{}}));
        t.api_app = api.app.id;
        t.app_key = "key-" + t.tag;
        const application::Ref ref{.org = t.org, .project_id = project.id, .app_id = t.key_app};
        EXPECT_TRUE(services_->apps.add_given_key(ref, {}, {.id = t.app_key, .public_key = spki_, .expires = {}}));
        for (const std::int64_t key : {project.key.key, api.app.key.key}) t.keys.push_back(key);
    }

    /// Its project granted to itself, so that it stands on both sides; roles of it for its human; metadata.
    void plant_grants(Tenant& t) {
        const std::string role = "role-" + t.tag;
        const auto to_org = must(services_->project_grants.add(
            t.org, {.project_id = t.project_id, .granted_org_id = t.org_id, .roles = {role}, .id = "grant-" + t.tag}, {}));
        t.project_grant = to_org.id;
        const auto to_human = must(services_->user_grants.add(t.org, user::Ref::of(t.org, t.human),
                                                              {.project_id = t.project_id, .project_grant_id = {}, .roles = {role}}, {}));
        t.user_grant = to_human.id;
        const std::vector<directory::MetadataEntry> entries{{"key", "Metadata-" + t.tag}};
        EXPECT_TRUE(services_->user_metadata.set(user::Ref::of(t.org, t.human), entries, {}));
        EXPECT_TRUE(services_->org_metadata.set(t.org, entries, {}));
        for (const std::int64_t key : {to_org.key, to_human.key}) t.keys.push_back(key);
    }

    void plant_sign_in(Tenant& t) {
        start_session(t);
        http::Request request;
        request.method = "GET";
        request.path = "/oauth/v2/authorize";
        request.query = build_query(QueryParameters{{"client_id", t.client_id},
                                                    {"redirect_uri", "https://app.example/cb"},
                                                    {"response_type", "code"},
                                                    {"scope", "openid offline_access"}});
        request.host = t.host;
        const auto response = services_->provider.route(request)->handle(request);
        const std::string location(response.headers.get("location"));
        t.auth_request = location.substr(location.find("V2_"));
        t.keys.push_back(*parse_number<std::int64_t>(std::string_view(t.auth_request).substr(3)));
        plant_device(t);
    }
    void plant_device(Tenant& t) {
        http::Request request;
        request.method = "POST";
        request.path = "/oauth/v2/device_authorization";
        request.host = t.host;
        request.headers.set("content-type", "application/x-www-form-urlencoded");
        request.body = build_query(QueryParameters{{"client_id", t.client_id}, {"client_secret", t.client_secret}, {"scope", "openid"}});
        const auto response = services_->provider.route(request)->handle(request);
        const auto& body = std::get<std::string>(response.body);
        constexpr std::string_view kBefore = "\"user_code\":\"";
        t.user_code = body.substr(body.find(kBefore) + kBefore.size(), 9);
        const auto made = must(services_->provider.auth_requests().find_waiting_device(t.instance, t.user_code));
        ASSERT_TRUE(made) << body;
        t.device_request = made->id;
        t.keys.push_back(made->key);
    }
    void plant_job(Tenant& t) {
        const auto job = must(migration::Jobs(store()).create(
            t.instance, {.source = "Legacy-" + t.tag, .kind = "godwit", .org = t.org.org(), .options = {}}, {}));
        t.job_id = job.job.id();
        t.keys.push_back(job.id);
        t.markers.push_back("Legacy-" + t.tag);
    }
    void start_session(Tenant& t) {
        session::Update update;
        update.user = t.human;
        update.org = t.org.org();
        update.password = true;
        update.metadata = {{"k", "Said-" + t.tag}};
        const auto session = must(services_->sessions.create(t.instance, update, {}, 0, {}));
        t.session_id = std::to_string(session.id.key);
        t.session_token = session.token.reveal();
        t.keys.push_back(session.id.key);
    }

    /// A machine user in `org` with these memberships (roles separated by a space); its personal access token.
    struct Caller {
        std::string name, host;
        std::string user_id, token;
        UserId user;
    };
    Caller make_caller(const Tenant& home, const std::string& name, std::vector<std::pair<member::Place, std::string>> memberships) {
        return make_caller(home.org, home.host, name, std::move(memberships));
    }
    Caller make_caller(const OrgScope& org, const std::string& host, const std::string& name,
                       std::vector<std::pair<member::Place, std::string>> memberships) {
        user::NewUser user;
        user.name = name + "-" + std::to_string(++serial_);
        user.as = user::NewMachine{.name = name, .description = {}, .token_kind = {}, .keys = {}};
        const auto made = must(services_->users.create(org, user, {}));
        for (const auto& [place, role] : memberships) {
            std::vector<std::string> held;
            for (const auto word : split_words(role)) held.emplace_back(word);
            const auto added = services_->members.add(org.instance(), place, {}, made.id, held);
            EXPECT_TRUE(added) << role << ": " << added.error().message;
        }
        const auto pat = must(services_->machines.add_pat(user::Ref::of(org, made.id), {}, {"openid"}, {}));
        return {name, host, made.public_id, std::string(pat.token.reveal()), made.id};
    }

    /// A body that is there at once.
    class WholeBody final : public http::BodyStream {
    public:
        explicit WholeBody(std::string bytes) : bytes_(std::move(bytes)) {}
        Result<std::string> read() override { return std::exchange(bytes_, {}); }

    private:
        std::string bytes_;
    };

    /// Calls a method by its full name, as a gRPC client does; `org` is the header x-zitadel-orgid unless "".
    Answer call(const Caller& caller, const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& message,
                std::string_view org = {}) {
        http::Request request;
        request.method = "POST";
        request.path = "/" + method.service()->full_name() + "/" + method.name();
        request.version = http::Version::http2;
        request.host = caller.host;
        request.headers.set("content-type", "application/grpc");
        if (!caller.token.empty()) request.headers.set("authorization", "Bearer " + caller.token);
        if (!org.empty()) request.headers.set("x-zitadel-orgid", org);
        request.body = rpc::grpc::frame_message(message.SerializeAsString());
        const auto route = endpoint_->route(request);
        if (route->stream_body) request.stream = std::make_unique<WholeBody>(std::exchange(request.body, {}));
        auto response = route->handle(request);
        Answer answer;
        std::string streamed;
        if (auto* const source = std::get_if<std::unique_ptr<http::BodySource>>(&response.body)) {
            (*source)->on_start([] {});
            auto piece = (*source)->next();
            for (; piece && !piece->empty(); piece = (*source)->next()) streamed += *piece;
            if (piece) response.trailers.set("grpc-status", "0");  // it would go on
            if (!piece) response.trailers = (*source)->trailers();
            response.body = std::move(streamed);
        }
        const auto status =
            response.trailers.get("grpc-status").empty() ? response.headers.get("grpc-status") : response.trailers.get("grpc-status");
        answer.code = parse_number<int>(status).value_or(2);
        const auto said = response.headers.get("grpc-message");
        answer.body = answer.code == 0 ? std::get<std::string>(response.body)
                                       : std::string(said.empty() ? response.trailers.get("grpc-message") : said);
        const auto open = answer.body.rfind('('), close = answer.body.rfind(')');
        if (answer.code != 0 && open != std::string::npos && close > open) answer.id = answer.body.substr(open + 1, close - open - 1);
        return answer;
    }
    static std::unique_ptr<google::protobuf::Message> new_request(const google::protobuf::MethodDescriptor& method) {
        return std::unique_ptr<google::protobuf::Message>(
            google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
    }

    /// Every row of both databases that belongs to the instance; of those, with `keys`, the rows that name one of them.
    std::multiset<std::string> rows_of(InstanceScope instance, const std::vector<std::int64_t>& keys = {}) {
        std::multiset<std::string> rows;
        const std::set<std::int64_t> wanted(keys.begin(), keys.end());
        for (const auto database : {store::Database::directory, store::Database::runtime}) {
            EXPECT_TRUE(store().read(database, [&](store::Reader& db) -> Result<void> {
                for (const Table& table : tables(database)) TRY(read_table(db, instance, table, wanted, rows));
                return {};
            }));
        }
        return rows;
    }
    std::multiset<std::string> rows_of(const Tenant& t) { return rows_of(t.instance, t.keys); }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            ADD_FAILURE() << result.error().id << " " << result.error().message;
            std::abort();
        }
        return *std::move(result);
    }

    std::unique_ptr<Services> services_;
    std::unique_ptr<api::Migrations> migrations_;
    rpc::Registry registry_;
    std::unique_ptr<instance::HostLookup> hosts_;
    std::unique_ptr<Authenticator> authenticator_;
    std::unique_ptr<rpc::Endpoint> endpoint_;
    InstanceScope one_ = InstanceScope::of({}), two_ = InstanceScope::of({});
    std::map<std::string, OrgScope> operators_;  ///< the first organization of each instance, by host
    std::string spki_;
    int serial_ = 0;

private:
    struct Table {
        std::string name, columns;
        std::vector<char> types;  ///< i, t or b
    };
    /// From the schema itself, so that a new table is looked at the day it is added.
    static const std::vector<Table>& tables(store::Database database) {
        static std::map<store::Database, std::vector<Table>> all;
        auto& found = all[database];
        if (!found.empty()) return found;
        std::map<std::string, Table> by_name;
        for (const auto& version : store::schema::versions(database)) {
            Table* table = nullptr;
            for (const auto line : split(version.sql, '\n')) {
                std::vector<std::string_view> words;
                for (const auto word : split(line, ' '))
                    if (!word.empty()) words.push_back(word);
                if (words.size() >= 3 && words[0] == "CREATE" && words[1] == "TABLE") {
                    table = &by_name[std::string(words[2])];
                    table->name = words[2];
                } else if (words.size() >= 6 && words[0] == "ALTER" && words[3] == "ADD" && words[4] == "COLUMN") {
                    add_column(by_name[std::string(words[2])], words[5], words[6]);
                } else if (line.starts_with(")")) {
                    table = nullptr;
                } else if (table && words.size() >= 2 && line.starts_with("    ")) {
                    add_column(*table, words[0], words[1]);
                }
            }
        }
        for (auto& [name, table] : by_name) {
            if (table.columns.starts_with("instance_no")) found.push_back(std::move(table));
        }
        return found;
    }
    static void add_column(Table& table, std::string_view name, std::string_view type) {
        type = type.substr(0, type.find(','));
        const char kind = type == "TEXT"                                                ? 't'
                          : type == "BLOB"                                              ? 'b'
                          : type == "INTEGER" || type == "BIGINT" || type == "SMALLINT" ? 'i'
                                                                                        : '?';
        if (kind == '?') return;  // PRIMARY KEY (…)
        table.columns += (table.columns.empty() ? "" : ", ") + std::string(name);
        table.types.push_back(kind);
    }
    static Result<void> read_table(store::Reader& db, InstanceScope instance, const Table& table, const std::set<std::int64_t>& wanted,
                                   std::multiset<std::string>& rows) {
        TRY(db.query(instance, "SELECT " + table.columns + " FROM " + table.name + " WHERE instance_no = ?1", {},
                     [&](const store::Row& row) {
                         std::string text = table.name;
                         bool named = wanted.empty();
                         for (int column = 0; column < static_cast<int>(table.types.size()); ++column) {
                             const char type = table.types[static_cast<std::size_t>(column)];
                             const std::int64_t number = type == 'i' ? row.i64(column) : 0;
                             named = named || wanted.contains(number);
                             text += '|';
                             if (type == 'i') text += std::to_string(number);
                             if (type == 't') text += row.text(column);
                             if (type == 'b') text += row.blob(column);
                         }
                         if (named) rows.insert(std::move(text));
                     }));
        return {};
    }
};

}  // namespace godwit::app
