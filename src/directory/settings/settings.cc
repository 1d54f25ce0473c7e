#include "directory/settings/settings.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "base/text.h"
#include "directory/instance/config_cache.h"
#include "directory/instance/config_change.h"

namespace godwit::settings {
namespace {

using google::protobuf::Message;

/// "LoginPolicy" is stored as "login_policy".
std::string type_of(const Message& message) {
    std::string type;
    for (const char c : message.GetDescriptor()->name()) {
        if (c >= 'A' && c <= 'Z' && !type.empty()) type += '_';
        type += ascii_lower(c);
    }
    return type;
}

using instance::ConfigLevel;

Level level_of(const ConfigLevel& target) { return target.of_org() ? Level::organization : Level::instance; }

/// The contract's event types, without the level: "policy.login.changed", "oidc.settings.added".
std::string event_type(std::string_view type, std::string_view verb) {
    constexpr std::string_view kPolicy = "_policy";
    std::string name;
    if (type.ends_with(kPolicy)) {
        name = "policy.";
        type.remove_suffix(kPolicy.size());
    }
    return name + replace_all(type, "_", ".") + "." + std::string(verb);
}

struct Stored {
    Level level = Level::built_in;
    std::string body;
    directory::Stamp stamp;
};

Result<Stored> read_stored(store::Reader& db, const OrgScope& org, const std::string& type) {
    Stored stored;
    TRY(db.query(org.instance(),
                 "SELECT scope_kind, body, created_at, changed_at, version FROM settings WHERE instance_no = ?1 AND type = ?2 "
                 "AND ((scope_kind = 0 AND scope_id = 0) OR (scope_kind = 1 AND scope_id = ?3)) ORDER BY scope_kind",
                 {type, org.org()}, [&](const store::Row& row) {
                     stored = {.level = row.i64(0) == 1 ? Level::organization : Level::instance,
                               .body = std::string(row.blob(1)),
                               .stamp = {row.time(2), row.time(3), row.i64(4)}};
                 }));
    if (stored.level == Level::built_in) {
        TRY(db.query(org.instance(), "SELECT created_at FROM instances WHERE instance_no = ?1", {},
                     [&](const store::Row& row) { stored.stamp = {row.time(0), row.time(0), 1}; }));
    }
    return stored;
}

Result<Origin> fill_from(const Stored& stored, Message& out) {
    if (stored.level == Level::built_in) {
        fill_default(out);
    } else if (!out.ParseFromString(stored.body)) {
        return fail(Code::data_loss, "SETTINGS-Par01", "a stored policy could not be read");
    }
    return Origin{stored.level, stored.stamp};
}

}  // namespace

struct Settings::Cache {
    instance::ConfigCache<std::pair<std::int64_t, std::string>, Stored> values;
};

Settings::Settings(store::Store& store) : store_(store), cache_(std::make_unique<Cache>()) {}
Settings::~Settings() = default;

Result<Origin> read(store::Reader& db, const OrgScope& org, Message& out) {
    return fill_from(TRY(read_stored(db, org, type_of(out))), out);
}

Result<Origin> Settings::load(const OrgScope& org, Message& out) const {
    const std::string type = type_of(out);
    const auto stored = TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        return cache_->values.get(db, org.instance(), {org.org().key, type},
                                  [&](store::Reader& r) -> Result<std::shared_ptr<const Stored>> {
                                      return std::make_shared<const Stored>(TRY(read_stored(r, org, type)));
                                  });
    }));
    return configured(TRY(fill_from(*stored, out)), out);
}

void Settings::replace_built_in(const Message& value) { replaced_[type_of(value)] = value.SerializeAsString(); }

Result<Origin> Settings::configured(Origin found, Message& out) const {
    if (found.first != Level::built_in) return found;
    const auto replaced = replaced_.find(type_of(out));
    if (replaced != replaced_.end() && !out.ParseFromString(replaced->second))
        return fail(Code::internal, "SETTINGS-Par02", "a configured policy could not be read");
    return found;
}

Result<std::optional<directory::Change>> Settings::set(const OrgScope& org, const store::Editor& editor, const Message& value) {
    return store_.write(store::Database::directory, [&](store::Writer& db) { return set(db, org, editor, value); });
}

Result<std::optional<directory::Change>> Settings::set(store::Writer& db, const OrgScope& org, const store::Editor& editor,
                                                       const Message& value) {
    const ConfigLevel target(org);
    const std::string type = type_of(value);
    const std::string body = value.SerializeAsString();

    const std::unique_ptr<Message> present(value.New());
    const auto level = TRY(configured(TRY(read(db, org, *present)), *present)).first;
    const bool own = level == level_of(target);
    // An organization may say for itself what the instance says too; the instance's own level lies on the built-in value alone.
    if ((own || !target.of_org()) && present->SerializeAsString() == body) return std::nullopt;

    std::int64_t version = 0;
    TRY(db.query(org.instance(),
                 "INSERT INTO settings (instance_no, scope_kind, scope_id, type, body, created_at, changed_at) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (instance_no, scope_kind, scope_id, type) "
                 "DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at, version = settings.version + 1 RETURNING version",
                 {target.kind, target.id, type, store::Blob{body}, db.now()}, [&](const store::Row& row) { version = row.i64(0); }));
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(value, &json).ok()) json = "{}";
    return TRY(instance::record_config_change(db, org, editor, event_type(type, own ? "changed" : "added"), version, std::move(json)));
}

Result<std::optional<directory::Change>> Settings::reset(const OrgScope& org, const store::Editor& editor, const Message& kind) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<std::optional<directory::Change>> {
        const ConfigLevel target(org);
        const std::string type = type_of(kind);
        std::int64_t version = 0;
        TRY(db.query(org.instance(),
                     "DELETE FROM settings WHERE instance_no = ?1 AND scope_kind = ?2 AND scope_id = ?3 AND type = ?4 RETURNING version",
                     {target.kind, target.id, type}, [&](const store::Row& row) { version = row.i64(0); }));
        if (version == 0) return std::nullopt;
        return TRY(instance::record_config_change(db, org, editor, event_type(type, "removed"), version + 1, {}));
    });
}

Result<bool> Settings::exists(const OrgScope& org, const Message& kind) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<bool> {
        return TRY(read_stored(db, org, type_of(kind))).level == level_of(ConfigLevel(org));
    });
}

}  // namespace godwit::settings
