#include "crypto/keys.h"

#include "base/encoding.h"
#include "directory/app/apps.h"
#include "directory/app/rows.h"
#include "directory/object/public_id.h"
#include "store/store.h"

namespace godwit::application {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

/// The file a client signs its assertions with, as clients of the reference read it.
Secret key_file(std::string_view key_id, const App& app, const crypto::PrivateKey& key) {
    std::string json = R"({"type":"application","keyId":)" + json_string(key_id);
    json += R"(,"key":)" + json_string(key.to_pkcs1_pem().reveal());
    json += R"(,"appId":)" + json_string(app.id) + R"(,"clientId":)" + json_string(app.client_id) + "}";
    return Secret(std::move(json));
}

bool uses_keys(const App& app) {
    if (const auto* oidc = app.oidc()) return oidc->auth_method == OidcAuthMethod::private_key_jwt;
    return app.api()->auth_method == ApiAuthMethod::private_key_jwt;
}

AppKey read_row(const store::Row& row, const App& app) {
    return {.id = directory::display_id(row.i64(0), row.text(1)),
            .stamp = {row.time(2), row.time(2), 1},
            .resource_owner = app.org_id,
            .expires = row.maybe_time(3).value_or(kNoExpiry)};
}

}  // namespace

Result<IssuedKey> Apps::add_key(const Ref& ref, const store::Editor& editor, std::optional<Time> expires) {
    const auto key = crypto::PrivateKey::generate_rsa(2048);
    IssuedKey issued;
    issued.change = TRY(store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-sak25"));
        if (!uses_keys(app)) return fail(Code::failed_precondition, "COMMAND-Dff54", "Chosen Auth Method does not require a key");
        if (expires && *expires <= db.now())
            return fail(Code::invalid_argument, "DOMAIN-dv3t5", "the expiration date must lie in the future");
        const std::int64_t id = db.new_id();
        TRY(db.exec(ref.org.instance(),
                    "INSERT INTO app_keys (instance_no, id, app_id, spki, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    {id, app.key, store::Blob{key.public_key().to_der()}, db.now(), expires}));
        issued.id = std::to_string(id);
        issued.details = key_file(issued.id, app, key);
        return record(db, app, ref.org.instance(), editor, "project.application.oidc.key.added");
    }));
    return issued;
}

Result<Change> Apps::add_given_key(const Ref& ref, const store::Editor& editor, const GivenKey& key) {
    const bool is_pem = key.public_key.find("-----BEGIN") != std::string::npos;
    const auto spki = TRY(is_pem ? crypto::PublicKey::from_pem(key.public_key) : crypto::PublicKey::from_der(key.public_key)).to_der();
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-sak25"));
        if (!uses_keys(app)) return fail(Code::failed_precondition, "COMMAND-Dff54", "Chosen Auth Method does not require a key");
        const auto expires = key.expires && *key.expires < kNoExpiry ? key.expires : std::nullopt;
        if (expires && *expires <= db.now())
            return fail(Code::invalid_argument, "DOMAIN-dv3t5", "the expiration date must lie in the future");
        const auto id = TRY(directory::make_id(db, key.id.empty() ? std::nullopt : std::optional(key.id)));
        const auto added =
            TRY(db.exec(ref.org.instance(),
                        "INSERT INTO app_keys (instance_no, id, public_id, public_id_key, app_id, spki, created_at, expires_at) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                        {id.key, id.public_id, id.public_id_key, app.key, store::Blob{spki}, db.now(), expires}));
        if (added == 0) return fail(Code::already_exists, "COMMAND-Key02", "a key with this id exists already");
        return record(db, app, ref.org.instance(), editor, "project.application.oidc.key.added");
    });
}

Result<AppKey> Apps::get_key(const Ref& ref, std::string_view key_id) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<AppKey> {
        const App app = TRY(must_find(db, ref, "QUERY-pCP8P"));
        const auto id = TRY(directory::resolve(db, ref.org.instance(), Noun::application_key, key_id));
        std::optional<AppKey> found;
        TRY(db.query(ref.org.instance(),
                     "SELECT id, public_id, created_at, expires_at FROM app_keys WHERE instance_no = ?1 AND id = ?2 AND app_id = ?3",
                     {id.value_or(0), app.key}, [&](const store::Row& row) { found = read_row(row, app); }));
        if (!found) return fail(Code::not_found, "QUERY-Tha6f", "Key not found");
        return *std::move(found);
    });
}

Result<directory::Listed<AppKey>> Apps::list_keys(const Ref& ref, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<AppKey>> {
        const App app = TRY(must_find(db, ref, "QUERY-pCP8P"));
        directory::Listed<AppKey> listed;
        store::Bindings b;
        listed.total = TRY(store::run_list(db, ref.org.instance(),
                                           {.columns = "id, public_id, created_at, expires_at",
                                            .from = "app_keys",
                                            .where = "instance_no = ?1 AND app_id = " + b.bind(app.key),
                                            .order_by = "id"},
                                           b, page, [&](const store::Row& row) { listed.rows.push_back(read_row(row, app)); }));
        return listed;
    });
}

Result<Change> Apps::remove_key(const Ref& ref, const store::Editor& editor, std::string_view key_id) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const App app = TRY(must_find(db, ref, "COMMAND-4m77G"));
        const auto id = TRY(directory::resolve(db, ref.org.instance(), Noun::application_key, key_id));
        const auto removed = TRY(db.exec(ref.org.instance(), "DELETE FROM app_keys WHERE instance_no = ?1 AND id = ?2 AND app_id = ?3",
                                         {id.value_or(0), app.key}));
        if (removed == 0) return fail(Code::not_found, "COMMAND-4m77G", "Application key not found");
        return record(db, app, ref.org.instance(), editor, "project.application.oidc.key.removed");
    });
}

Result<std::optional<KeyOwner>> Apps::find_key(InstanceScope scope, std::string_view key_id) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<std::optional<KeyOwner>> {
        std::optional<KeyOwner> owner;
        const auto id = TRY(directory::resolve(db, scope, Noun::application_key, key_id));
        if (!id) return owner;
        TRY(db.query(scope,
                     "SELECT k.app_id, a.client_key, k.spki, k.expires_at FROM app_keys k "
                     "JOIN applications a ON a.instance_no = k.instance_no AND a.id = k.app_id WHERE k.instance_no = ?1 AND k.id = ?2",
                     {*id}, [&](const store::Row& row) {
                         owner = KeyOwner{.app = row.id<AppId>(0),
                                          .client_id = std::string(row.text(1)),
                                          .spki = std::string(row.blob(2)),
                                          .expires = row.maybe_time(3).value_or(kNoExpiry)};
                     }));
        return owner;
    });
}

}  // namespace godwit::application
