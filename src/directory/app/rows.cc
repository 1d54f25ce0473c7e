#include "directory/app/rows.h"

#include "directory/app/contract.h"
#include "directory/instance/instances.h"
#include "directory/object/public_id.h"
#include "store/store.h"
#include "zitadel/app.pb.h"

namespace godwit::application {
namespace {

enum class Kind { oidc = 1, api = 2 };

constexpr std::string_view kColumns =
    "a.id, a.public_id, a.project_id, p.public_id, p.org_id, o.public_id, a.name, a.state, a.client_key, a.secret, a.kind, a.auth_method, "
    "a.config, a.created_at, a.changed_at, a.version";
constexpr std::string_view kFrom =
    "applications a JOIN projects p ON p.instance_no = a.instance_no AND p.id = a.project_id "
    "JOIN organizations o ON o.instance_no = a.instance_no AND o.id = p.org_id";

Config decode(Kind kind, int auth_method, std::string_view bytes) {
    if (kind == Kind::api) return ApiConfig{static_cast<ApiAuthMethod>(auth_method)};
    zitadel::app::v1::OIDCConfig message;
    // What cannot be read becomes a client without redirect URIs: nobody is sent anywhere by damage.
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) message.Clear();
    return from_contract(message);
}

App read_row(const store::Row& row) {
    return {.key = row.id<AppId>(0),
            .id = directory::display_id(row.i64(0), row.text(1)),
            .project = row.id<ProjectId>(2),
            .project_id = directory::display_id(row.i64(2), row.text(3)),
            .org = row.id<OrgId>(4),
            .org_id = directory::display_id(row.i64(4), row.text(5)),
            .name = std::string(row.text(6)),
            .state = static_cast<State>(row.i64(7)),
            .client_id = std::string(row.text(8)),
            .secret = std::string(row.text(9)),
            .config = decode(static_cast<Kind>(row.i64(10)), static_cast<int>(row.i64(11)), row.blob(12)),
            .stamp = {row.time(13), row.time(14), row.i64(15)}};
}

}  // namespace

std::string encode(const Config& config) {
    const auto* oidc = std::get_if<OidcConfig>(&config);
    if (oidc == nullptr) return {};
    zitadel::app::v1::OIDCConfig message;
    to_contract(*oidc, message);
    return message.SerializeAsString();
}

int kind_of(const Config& config) { return static_cast<int>(std::holds_alternative<OidcConfig>(config) ? Kind::oidc : Kind::api); }

int auth_method_of(const Config& config) {
    if (const auto* oidc = std::get_if<OidcConfig>(&config)) return static_cast<int>(oidc->auth_method);
    return static_cast<int>(std::get<ApiConfig>(config).auth_method);
}

bool has_secret(const Config& config) {
    if (const auto* oidc = std::get_if<OidcConfig>(&config))
        return oidc->auth_method == OidcAuthMethod::basic || oidc->auth_method == OidcAuthMethod::post;
    return std::get<ApiConfig>(config).auth_method == ApiAuthMethod::basic;
}

Result<std::shared_ptr<const App>> find_where(store::Reader& db, InstanceScope scope, std::string_view condition,
                                              const store::Value& value) {
    std::shared_ptr<const App> found;
    TRY(db.query(
        scope,
        "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE a.instance_no = ?1 AND " + std::string(condition),
        {value}, [&](const store::Row& row) { found = std::make_shared<const App>(read_row(row)); }));
    return found;
}

Result<App> must_find(store::Reader& db, const Ref& ref, std::string_view error_id) {
    const auto key = TRY(directory::resolve(db, ref.org.instance(), directory::Noun::application, ref.app_id));
    std::shared_ptr<const App> found;
    if (key) found = TRY(find_where(db, ref.org.instance(), "a.id = ?2", *key));
    if (!found || found->project_id != ref.project_id || found->org != ref.org.org())
        return fail(Code::not_found, error_id, "Application doesn't exist");
    return *found;
}

Result<directory::Listed<App>> list_apps(store::Reader& db, InstanceScope scope, ProjectId project,
                                         const std::vector<directory::TextFilter>& names, const store::Page& page) {
    directory::Listed<App> listed;
    store::Bindings b;
    std::vector<std::string> conditions{"a.instance_no = ?1", "a.project_id = " + b.bind(project)};
    for (const auto& name : names) conditions.push_back(store::text_condition(b, {"a.name", "a.name_key"}, name.method, name.text));
    listed.total = TRY(store::run_list(
        db, scope, {.columns = std::string(kColumns), .from = std::string(kFrom), .where = store::all_of(conditions), .order_by = "a.id"},
        b, page, [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
    return listed;
}

Result<directory::Change> record(store::Writer& db, const App& app, InstanceScope scope, const store::Editor& editor,
                                 std::string_view type) {
    directory::Change change{.at = db.now(), .sequence = 0, .resource_owner = app.org_id};
    TRY(db.query(scope,
                 "UPDATE applications SET version = version + 1, changed_at = ?3 WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                 {app.key, db.now()}, [&](const store::Row& row) { change.sequence = row.i64(0); }));
    TRY(db.append(scope, store::event_of(editor, "project", app.project.key, type, app.org,
                                         store::EventBody().add("appId", app.id).add("name", app.name).take())));
    TRY(instance::raise_config_version(db, scope));
    return change;
}

}  // namespace godwit::application
