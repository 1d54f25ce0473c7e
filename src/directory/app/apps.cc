#include "directory/app/apps.h"

#include <array>

#include "base/encoding.h"
#include "base/unicode.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/app/rows.h"
#include "directory/instance/config_cache.h"
#include "directory/object/public_id.h"
#include "directory/project/projects.h"
#include "store/store.h"

namespace godwit::application {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

constexpr std::string_view kOurs = "sha256:";

/// A secret of ours is 256 random bits, so that one SHA-256 is enough to keep it: no slow hash on the way of every token request.
std::string stored_form(const Secret& secret) { return std::string(kOurs) + hex_encode(crypto::sha256(secret.reveal())); }

}  // namespace

struct Apps::Cache {
    instance::ConfigCache<std::string, App> by_client_id;
    instance::ConfigCache<std::int64_t, App> by_key;
};

Apps::Apps(store::Store& store) : store_(store), cache_(std::make_unique<Cache>()) {}
Apps::~Apps() = default;

std::optional<bool> verify_secret(std::string_view stored, std::string_view secret) {
    if (stored.empty()) return false;
    if (!stored.starts_with(kOurs)) return std::nullopt;
    return crypto::constant_time_equals(stored.substr(kOurs.size()), hex_encode(crypto::sha256(secret)));
}

Result<Created> Apps::create(const OrgScope& org, std::string_view project_id, const store::Editor& editor, const NewApp& wanted) {
    return store_.write(Database::directory, [&](store::Writer& db) { return create(db, org, project_id, editor, wanted); });
}

Result<Created> Apps::create(store::Writer& db, const OrgScope& org, std::string_view project_id, const store::Editor& editor,
                             const NewApp& wanted) {
    const bool is_oidc = std::holds_alternative<OidcConfig>(wanted.config);
    if (is_oidc) TRY(check(std::get<OidcConfig>(wanted.config)));
    const auto project = TRY(project::owned_project(db, org, project_id, is_oidc ? "PROJECT-3m9s2" : "PROJECT-9fnsf"));
    const std::string_view taken = is_oidc ? "PROJECT-lxowmp" : "PROJECT-mabu12";
    if (wanted.id && TRY(directory::resolve(db, org.instance(), Noun::application, *wanted.id)))
        return fail(Code::already_exists, taken, "an application with this id exists already");

    const auto id = TRY(directory::make_id(db, wanted.id));
    const std::string client_id = wanted.client_id ? *wanted.client_id : std::to_string(db.new_id());
    Secret secret;
    std::string stored = wanted.secret.value_or("");
    if (!wanted.secret && has_secret(wanted.config)) {
        secret = Secret(crypto::random_token());
        stored = stored_form(secret);
    }
    const std::string config = encode(wanted.config);
    TRY(directory::unique_as(db.attempt([&] {
        return db.exec(
            org.instance(),
            "INSERT INTO applications (instance_no, id, public_id, public_id_key, project_id, client_key, name, name_key, kind, "
            "state, auth_method, secret, config, created_at, changed_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
            {id.key, id.public_id, id.public_id_key, project.key, client_id, wanted.name, fold(wanted.name), kind_of(wanted.config),
             static_cast<int>(State::active), auth_method_of(wanted.config), stored, store::Blob{config}, db.now()});
    }),
                             "V3-DKcYh", "Application already exists"));
    const std::array events = {
        store::event_of(editor, "project", project.key.key, "project.application.added", org.org(),
                        store::EventBody().add("appId", id.shown()).add("name", wanted.name).take()),
        store::event_of(editor, "project", project.key.key,
                        is_oidc ? "project.application.config.oidc.added" : "project.application.config.api.added", org.org(),
                        store::EventBody().add("appId", id.shown()).add("clientId", client_id).take()),
    };
    TRY(db.append(org.instance(), events));
    TRY(instance::raise_config_version(db, org.instance()));
    const auto app = TRY(find_where(db, org.instance(), "a.id = ?2", id.key));
    return Created{*app, std::move(secret)};
}

Result<App> Apps::get(const Ref& ref) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return must_find(db, ref, "QUERY-pCP8P"); });
}

Result<directory::Listed<App>> Apps::list(const OrgScope& org, std::string_view project_id, const std::vector<directory::TextFilter>& names,
                                          const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<App>> {
        const auto project = TRY(project::find_project(db, org.instance(), project_id));
        if (!project || project->org != org.org()) return directory::Listed<App>{};
        return list_apps(db, org.instance(), project->key, names, page);
    });
}

Result<std::shared_ptr<const App>> Apps::find_by_client_id(InstanceScope scope, std::string_view client_id) const {
    const std::string key(client_id);
    return store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->by_client_id.get(db, scope, key, [&](store::Reader& r) { return find_where(r, scope, "a.client_key = ?2", key); });
    });
}

Result<std::shared_ptr<const App>> Apps::find(InstanceScope scope, AppId app) const {
    return store_.read(Database::directory, [&](store::Reader& db) {
        return cache_->by_key.get(db, scope, app.key, [&](store::Reader& r) { return find_where(r, scope, "a.id = ?2", app); });
    });
}

Result<Change> Apps::rename(const Ref& ref, const store::Editor& editor, std::string_view name) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-28di9"));
        if (app.name == name) return fail(Code::failed_precondition, "COMMAND-2m8vx", "Nothing changed");
        TRY(directory::unique_as(db.attempt([&] {
            return db.exec(ref.org.instance(), "UPDATE applications SET name = ?3, name_key = ?4 WHERE instance_no = ?1 AND id = ?2",
                           {app.key, name, fold(name)});
        }),
                                 "V3-DKcYh", "Application already exists"));
        return record(db, app, ref.org.instance(), editor, "project.application.changed");
    });
}

Result<Change> Apps::update(const Ref& ref, const store::Editor& editor, const OidcConfig& config) {
    TRY(check(config));
    return write_config(ref, editor, config);
}

Result<Change> Apps::update(const Ref& ref, const store::Editor& editor, const ApiConfig& config) {
    return write_config(ref, editor, config);
}

Result<Change> Apps::write_config(const Ref& ref, const store::Editor& editor, const Config& config) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-2n8uU"));
        if (app.config.index() != config.index())
            return app.oidc() ? fail(Code::invalid_argument, "COMMAND-Gnwt3", "Application is not type API")
                              : fail(Code::invalid_argument, "COMMAND-GBr34", "Application is not type OIDC");
        if (app.config == config) return fail(Code::failed_precondition, "COMMAND-1m88i", "Nothing changed");
        const std::string bytes = encode(config);
        TRY(db.exec(ref.org.instance(), "UPDATE applications SET config = ?3, auth_method = ?4 WHERE instance_no = ?1 AND id = ?2",
                    {app.key, store::Blob{bytes}, auth_method_of(config)}));
        return record(db, app, ref.org.instance(), editor,
                      app.oidc() ? "project.application.config.oidc.changed" : "project.application.config.api.changed");
    });
}

Result<Change> Apps::deactivate(const Ref& ref, const store::Editor& editor) { return change_state(ref, editor, State::inactive); }
Result<Change> Apps::reactivate(const Ref& ref, const store::Editor& editor) { return change_state(ref, editor, State::active); }

Result<Change> Apps::change_state(const Ref& ref, const store::Editor& editor, State to) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-ov9d3"));
        if (app.state == to)
            return to == State::inactive ? fail(Code::failed_precondition, "COMMAND-dsh35", "Application is not active")
                                         : fail(Code::failed_precondition, "COMMAND-1n8cM", "Application is not inactive");
        TRY(db.exec(ref.org.instance(), "UPDATE applications SET state = ?3 WHERE instance_no = ?1 AND id = ?2",
                    {app.key, static_cast<int>(to)}));
        return record(db, app, ref.org.instance(), editor,
                      to == State::inactive ? "project.application.deactivated" : "project.application.reactivated");
    });
}

Result<Change> Apps::remove(const Ref& ref, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-0po9s"));
        auto change = TRY(record(db, app, ref.org.instance(), editor, "project.application.removed"));
        TRY(db.exec(ref.org.instance(), "DELETE FROM app_keys WHERE instance_no = ?1 AND app_id = ?2", {app.key}));
        TRY(db.exec(ref.org.instance(), "DELETE FROM applications WHERE instance_no = ?1 AND id = ?2", {app.key}));
        return change;
    });
}

Result<IssuedSecret> Apps::regenerate_secret(const Ref& ref, const store::Editor& editor) {
    Secret secret(crypto::random_token());
    auto change = TRY(store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-2g66f"));
        if (!has_secret(app.config))
            return fail(Code::failed_precondition, "COMMAND-Ghrh3", "Chosen Auth Method does not require a secret");
        TRY(db.exec(ref.org.instance(), "UPDATE applications SET secret = ?3 WHERE instance_no = ?1 AND id = ?2",
                    {app.key, stored_form(secret)}));
        return record(db, app, ref.org.instance(), editor,
                      app.oidc() ? "project.application.config.oidc.secret.changed" : "project.application.config.api.secret.changed");
    }));
    return IssuedSecret{std::move(secret), std::move(change)};
}

}  // namespace godwit::application
