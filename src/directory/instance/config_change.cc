#include "directory/instance/config_change.h"

#include "directory/instance/instances.h"
#include "directory/object/public_id.h"

namespace godwit::instance {

Result<ConfigOwner> owner_of(store::Reader& db, const OrgScope& level) {
    ConfigOwner owner{.shown = {}, .key = level.org().key};
    if (owner.key != 0) {
        owner.shown = TRY(directory::find_public_id(db, level.instance(), directory::Noun::organization, owner.key)).value_or("");
        return owner;
    }
    TRY(db.query(level.instance(), "SELECT id FROM instances WHERE instance_no = ?1", {},
                 [&](const store::Row& row) { owner.key = row.i64(0); }));
    owner.shown = std::to_string(owner.key);
    return owner;
}

Result<directory::Change> record_config_change(store::Writer& db, const OrgScope& level, const store::Editor& editor, std::string_view what,
                                               std::int64_t version, std::string body) {
    const std::string noun = ConfigLevel(level).of_org() ? "org" : "instance";
    const std::string event = noun + "." + std::string(what);
    ConfigOwner owner = TRY(owner_of(db, level));
    TRY(db.append(level.instance(), store::event_of(editor, noun, owner.key, event, level.org(), std::move(body))));
    TRY(raise_config_version(db, level.instance()));
    return directory::Change{.at = db.now(), .sequence = version, .resource_owner = std::move(owner.shown)};
}

}  // namespace godwit::instance
