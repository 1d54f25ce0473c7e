#include "directory/text/texts.h"

#include "directory/instance/config_cache.h"
#include "directory/instance/config_change.h"

namespace godwit::text {
namespace {

/// In the column `type`.
std::string_view name_of(Kind) { return "login"; }
/// As the contract's events name it.
std::string_view template_of(Kind) { return "Login"; }

Result<Words> read_body(std::string_view body) {
    auto words = read_words(body);
    if (!words) return fail(Code::data_loss, "TEXT-Par01", "stored texts could not be read");
    return *std::move(words);
}

}  // namespace

struct Texts::Cache {
    instance::ConfigCache<std::pair<std::int64_t, Kind>, ByLanguage> values;
};

Texts::Texts(store::Store& store) : store_(store), cache_(std::make_unique<Cache>()) {}
Texts::~Texts() = default;

Result<std::optional<Own>> Texts::find(const OrgScope& level, Kind kind, std::string_view language) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<Own>> {
        const instance::ConfigLevel of(level);
        std::string body;
        Own own;
        TRY(db.query(level.instance(),
                     "SELECT body, version, changed_at FROM texts WHERE instance_no = ?1 AND scope_kind = ?2 AND scope_id = ?3 "
                     "AND type = ?4 AND lang = ?5",
                     {of.kind, of.id, name_of(kind), language}, [&](const store::Row& row) {
                         body = row.blob(0);
                         own.changed = {.at = row.time(2), .sequence = row.i64(1), .resource_owner = {}};
                     }));
        if (body.empty()) return std::nullopt;
        own.words = TRY(read_body(body));
        if (own.words.empty()) return std::nullopt;
        own.changed.resource_owner = TRY(instance::owner_of(db, level)).shown;
        return own;
    });
}

Result<std::shared_ptr<const ByLanguage>> Texts::all(const OrgScope& level, Kind kind) const {
    const instance::ConfigLevel of(level);
    return store_.read(store::Database::directory, [&](store::Reader& db) {
        const auto load = [&](store::Reader& r) -> Result<std::shared_ptr<const ByLanguage>> {
            std::map<std::string, std::string> bodies;
            TRY(r.query(level.instance(),
                        "SELECT lang, body FROM texts WHERE instance_no = ?1 AND scope_kind = ?2 AND scope_id = ?3 AND type = ?4",
                        {of.kind, of.id, name_of(kind)}, [&](const store::Row& row) { bodies.emplace(row.text(0), row.blob(1)); }));
            auto all = std::make_shared<ByLanguage>();
            for (const auto& [language, body] : bodies)
                if (auto words = TRY(read_body(body)); !words.empty()) all->emplace(language, std::move(words));
            return all;
        };
        return cache_->values.get(db, level.instance(), {of.id, kind}, load);
    });
}

Result<directory::Change> Texts::set(const OrgScope& level, const store::Editor& editor, Kind kind, std::string_view language,
                                     Words words) {
    std::erase_if(words, [](const auto& word) { return word.second.empty(); });
    const std::string body = write_words(words);
    store::EventBody event;
    event.add("template", template_of(kind)).add("language", language);
    for (const auto& [key, text] : words) event.add(key, text);
    const std::string event_body = event.take();
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        const instance::ConfigLevel of(level);
        std::int64_t version = 0, languages = 0;
        TRY(db.query(
            level.instance(),
            "INSERT INTO texts (instance_no, scope_kind, scope_id, type, lang, body, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
            "ON CONFLICT (instance_no, scope_kind, scope_id, type, lang) DO UPDATE SET body = excluded.body, "
            "changed_at = excluded.changed_at, version = texts.version + 1 RETURNING version",
            {of.kind, of.id, name_of(kind), language, store::Blob{body}, db.now()}, [&](const store::Row& row) { version = row.i64(0); }));
        TRY(db.query(level.instance(),
                     "SELECT count(*) FROM texts WHERE instance_no = ?1 AND scope_kind = ?2 AND scope_id = ?3 AND type = ?4",
                     {of.kind, of.id, name_of(kind)}, [&](const store::Row& row) { languages = row.i64(0); }));
        if (languages > kMaxLanguages)
            return fail(Code::resource_exhausted, "TEXT-Max01",
                        "texts are kept in " + std::to_string(kMaxLanguages) + " languages at most");
        return instance::record_config_change(db, level, editor, "customtext.set", version, event_body);
    });
}

Result<directory::Change> Texts::reset(const OrgScope& level, const store::Editor& editor, Kind kind, std::string_view language) {
    const std::string event = store::EventBody().add("template", template_of(kind)).add("language", language).take();
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<directory::Change> {
        const instance::ConfigLevel of(level);
        std::int64_t version = 0;
        TRY(db.query(level.instance(),
                     "DELETE FROM texts WHERE instance_no = ?1 AND scope_kind = ?2 AND scope_id = ?3 AND type = ?4 AND lang = ?5 "
                     "RETURNING version",
                     {of.kind, of.id, name_of(kind), language}, [&](const store::Row& row) { version = row.i64(0); }));
        if (version == 0) return fail(Code::not_found, "TEXT-Nfd01", "there are no texts of this language here");
        return instance::record_config_change(db, level, editor, "customtext.template.removed", version + 1, event);
    });
}

}  // namespace godwit::text
