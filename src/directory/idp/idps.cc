#include "directory/idp/idps.h"

#include <algorithm>

#include "crypto/sealer.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/object/public_id.h"
#include "store/store.h"
#include "zitadel/idp.pb.h"

namespace godwit::idp {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

constexpr std::string_view kColumns =
    "p.id, p.public_id, p.owner_id, p.kind, p.name, p.state, p.options, p.body, p.created_at, "
    "p.changed_at, p.version, o.public_id, i.id";
constexpr std::string_view kFrom =
    "idps p JOIN instances i ON i.instance_no = p.instance_no "
    "LEFT JOIN organizations o ON o.instance_no = p.instance_no AND o.id = p.owner_id";

crypto::Place place_of(std::int64_t key) { return {"idps", key, "secret"}; }

std::string encode(const Options& options) {
    zitadel::idp::v1::Options message;
    message.set_is_linking_allowed(options.linking_allowed);
    message.set_is_creation_allowed(options.creation_allowed);
    message.set_is_auto_creation(options.auto_creation);
    message.set_is_auto_update(options.auto_update);
    message.set_auto_linking(static_cast<zitadel::idp::v1::AutoLinkingOption>(options.auto_linking));
    return message.SerializeAsString();
}

Options decode_options(std::string_view bytes) {
    zitadel::idp::v1::Options message;
    // An unreadable row gives all options off: nothing is allowed by damage.
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
    return {.linking_allowed = message.is_linking_allowed(),
            .creation_allowed = message.is_creation_allowed(),
            .auto_creation = message.is_auto_creation(),
            .auto_update = message.is_auto_update(),
            .auto_linking = static_cast<AutoLinking>(message.auto_linking())};
}

Idp read_row(const store::Row& row) {
    const std::int64_t owner = row.i64(2);
    return {.key = row.id<IdpId>(0),
            .id = directory::display_id(row.i64(0), row.text(1)),
            .owner = OrgId(owner),
            .owner_id = owner == 0 ? std::to_string(row.i64(12)) : directory::display_id(owner, row.text(11)),
            .name = std::string(row.text(4)),
            .type = static_cast<Type>(row.i64(3)),
            .state = static_cast<State>(row.i64(5)),
            .options = decode_options(row.blob(6)),
            .config = std::string(row.blob(7)),
            .stamp = {row.time(8), row.time(9), row.i64(10)}};
}

/// Its own and the instance's.
std::string usable_by(store::Bindings& b, OrgId org) { return org ? "p.owner_id IN (0, " + b.bind(org) + ")" : std::string("1 = 1"); }

std::string_view verb_prefix(OrgId owner) { return owner ? "org.idp." : "instance.idp."; }

std::string event_of_type(OrgId owner, Type type, std::string_view verb) {
    static constexpr std::string_view kNames[] = {
        "",       "oidc",  "jwt", "ldap", "oauth", "azure", "github", "github_enterprise", "gitlab", "gitlab_self_hosted",
        "google", "apple", "saml"};
    const auto index = static_cast<std::size_t>(type);
    return std::string(verb_prefix(owner)) + std::string(kNames[index < std::size(kNames) ? index : 0]) + "." + std::string(verb);
}

Result<void> record(store::Writer& db, const OrgScope& owner, const store::Editor& editor, const std::string& type, const std::string& id,
                    std::string_view name) {
    std::int64_t aggregate = owner.org().key;
    if (aggregate == 0) {
        TRY(db.query(owner.instance(), "SELECT id FROM instances WHERE instance_no = ?1", {},
                     [&](const store::Row& row) { aggregate = row.i64(0); }));
    }
    TRY(db.append(owner.instance(), store::event_of(editor, owner.org() ? "org" : "instance", aggregate, type, owner.org(),
                                                    store::EventBody().add("id", id).add("name", name).take())));
    return instance::raise_config_version(db, owner.instance());
}

Error no_such(const OrgScope& owner) {
    return {Code::not_found, owner.org() ? "ORG-D3r1s" : "INST-D3r1s", "Identity Provider Configuration doesn't exist"};
}

Result<Idp> must_own(store::Reader& db, const OrgScope& owner, std::string_view id) {
    auto found = TRY(find_idp(db, owner, id));
    if (!found || found->owner != owner.org()) return fail(no_such(owner));
    return *std::move(found);
}

}  // namespace

Idps::Idps(store::Store& store, const key::Sealers& sealers) : store_(store), sealers_(sealers) {}

Result<std::optional<Idp>> find_idp(store::Reader& db, const OrgScope& org, std::string_view id) {
    const auto key = TRY(directory::resolve_as<IdpId>(db, org.instance(), Noun::idp, id));
    if (!key) return std::nullopt;
    auto found = TRY(find_idp(db, org.instance(), *key));
    if (found && org.org() && found->owner && found->owner != org.org()) return std::nullopt;
    return found;
}

Result<std::optional<Idp>> find_idp(store::Reader& db, InstanceScope scope, IdpId key) {
    std::optional<Idp> found;
    TRY(db.query(scope, "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE p.instance_no = ?1 AND p.id = ?2",
                 {key}, [&](const store::Row& row) { found = read_row(row); }));
    return found;
}

Result<Idp> Idps::create(const OrgScope& owner, const store::Editor& editor, const NewIdp& wanted) {
    return store_.write(Database::directory, [&](store::Writer& db) { return create(db, owner, editor, wanted); });
}

Result<Idp> Idps::create(store::Writer& db, const OrgScope& owner, const store::Editor& editor, const NewIdp& wanted) {
    if (wanted.id && TRY(directory::resolve(db, owner.instance(), Noun::idp, *wanted.id)))
        return fail(Code::already_exists, "Org-1J8fs", "an identity provider with this id exists already");
    const auto id = TRY(directory::make_id(db, wanted.id));
    std::string sealed;
    if (!wanted.secret.empty()) sealed = TRY(sealers_.of(db, owner.instance()))->seal(place_of(id.key), wanted.secret);
    const std::string options = encode(wanted.options);
    TRY(directory::unique_as(db.attempt([&] {
        return db.exec(owner.instance(),
                       "INSERT INTO idps (instance_no, id, public_id, public_id_key, owner_id, kind, name, state, options, body, secret, "
                       "created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
                       {id.key, id.public_id, id.public_id_key, owner.org(), static_cast<int>(wanted.type), wanted.name,
                        static_cast<int>(State::active), store::Blob{options}, store::Blob{wanted.config},
                        sealed.empty() ? store::Value(nullptr) : store::Value(store::Blob{sealed}), db.now()});
    }),
                             "Org-1J8fs", "an identity provider with this id exists already"));
    TRY(record(db, owner, editor, event_of_type(owner.org(), wanted.type, "added"), id.shown(), wanted.name));
    auto created = TRY(find_idp(db, owner.instance(), IdpId(id.key)));
    return *std::move(created);
}

Result<std::optional<Idp>> Idps::find(const OrgScope& org, std::string_view id) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return find_idp(db, org, id); });
}

Result<directory::Listed<Idp>> Idps::list(const OrgScope& org, const Filter& filter, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Idp>> {
        directory::Listed<Idp> listed;
        store::Bindings b;
        std::vector<std::string> conditions{"p.instance_no = ?1", usable_by(b, org.org())};
        if (filter.instance_owned) conditions.push_back(*filter.instance_owned ? "p.owner_id = 0" : "p.owner_id <> 0");
        for (const auto& id : filter.ids) {
            const auto key = TRY(directory::resolve(db, org.instance(), Noun::idp, id));
            conditions.push_back("p.id = " + b.bind(key.value_or(0)));
        }
        // Names of providers have no folded column; there are few of them, so methods that ignore case are decided here.
        const auto matches = [&](const Idp& idp) {
            return std::ranges::all_of(filter.names,
                                       [&](const auto& name) { return store::text_matches(idp.name, name.method, name.text); });
        };
        if (filter.names.empty()) {
            listed.total = TRY(store::run_list(
                db, org.instance(),
                {.columns = std::string(kColumns), .from = std::string(kFrom), .where = store::all_of(conditions), .order_by = "p.id"}, b,
                page, [&](const store::Row& row) { listed.rows.push_back(read_row(row)); }));
            return listed;
        }
        const auto limit = store::applied_limit(page);
        TRY(db.query(org.instance(),
                     "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE " + store::all_of(conditions) +
                         " ORDER BY p.id" + (page.ascending ? "" : " DESC"),
                     b.values(), [&](const store::Row& row) {
                         auto idp = read_row(row);
                         if (!matches(idp)) return;
                         if (listed.total++ >= page.offset && listed.rows.size() < limit) listed.rows.push_back(std::move(idp));
                     }));
        return listed;
    });
}

Result<Secret> Idps::secret(InstanceScope scope, IdpId key) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<Secret> {
        std::string sealed;
        TRY(db.query(scope, "SELECT secret FROM idps WHERE instance_no = ?1 AND id = ?2", {key},
                     [&](const store::Row& row) { sealed = row.blob(0); }));
        if (sealed.empty()) return Secret{};
        return TRY(sealers_.of(db, scope))->open(place_of(key.key), sealed);
    });
}

Result<Change> Idps::update(const OrgScope& owner, const store::Editor& editor, std::string_view id, const NewIdp& wanted) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Idp idp = TRY(must_own(db, owner, id));
        if (idp.type != wanted.type) return fail(no_such(owner));
        const std::string options = encode(wanted.options);
        Change change{.at = db.now(), .sequence = 0, .resource_owner = idp.owner_id};
        TRY(db.query(owner.instance(),
                     "UPDATE idps SET name = ?3, options = ?4, body = ?5, changed_at = ?6, version = version + 1 "
                     "WHERE instance_no = ?1 AND id = ?2 RETURNING version",
                     {idp.key, wanted.name, store::Blob{options}, store::Blob{wanted.config}, db.now()},
                     [&](const store::Row& row) { change.sequence = row.i64(0); }));
        if (!wanted.secret.empty()) {
            const std::string sealed = TRY(sealers_.of(db, owner.instance()))->seal(place_of(idp.key.key), wanted.secret);
            TRY(db.exec(owner.instance(), "UPDATE idps SET secret = ?3 WHERE instance_no = ?1 AND id = ?2",
                        {idp.key, store::Blob{sealed}}));
        }
        TRY(record(db, owner, editor, event_of_type(owner.org(), idp.type, "changed"), idp.id, wanted.name));
        return change;
    });
}

Result<Change> Idps::remove(const OrgScope& owner, const store::Editor& editor, std::string_view id) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const Idp idp = TRY(must_own(db, owner, id));
        // Nobody can sign in by a link whose provider is gone, and its external ids must be free when the provider is made anew.
        TRY(db.exec(owner.instance(), "DELETE FROM idp_links WHERE instance_no = ?1 AND idp_id = ?2", {idp.key}));
        TRY(db.exec(owner.instance(), "DELETE FROM idps WHERE instance_no = ?1 AND id = ?2", {idp.key}));
        TRY(record(db, owner, editor, std::string(verb_prefix(owner.org())) + "removed", idp.id, idp.name));
        return Change{.at = db.now(), .sequence = idp.stamp.sequence + 1, .resource_owner = idp.owner_id};
    });
}

}  // namespace godwit::idp
