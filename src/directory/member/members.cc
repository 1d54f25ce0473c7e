#include "directory/member/members.h"

#include <algorithm>

#include "base/text.h"
#include "directory/member/rows.h"
#include "directory/object/public_id.h"
#include "store/store.h"

namespace godwit::member {
namespace {

using directory::Change;
using directory::Noun;
using store::Database;

/// What the contract says for each kind of place.
struct Words {
    std::string_view aggregate, event;                    ///< of the log
    std::string_view invalid, exists, not_found, nobody;  ///< ids of errors
};

const Words& words_of(ScopeKind kind) {
    static constexpr Words kWords[] = {
        {"instance", "instance.member.", "INSTANCE-4m0fS", "INSTANCE-PtXi1", "INSTANCE-D8JxR", "INSTANCE-GSXOn"},
        {"org", "org.member.", "Org-4N8es", "ORG-poWwe", "Org-D8JxR", "ORG-GoXOn"},
        {"project", "project.member.", "PROJECT-3m9d", "PROJECT-PtXi1", "PROJECT-D8JxR", "COMMAND-uXHNj"},
        {"project", "project.grant.member.", "PROJECT-3m9ds", "PROJECT-37fug", "PROJECT-20d9s", "COMMAND-uXHNj"},
    };
    return kWords[static_cast<std::size_t>(kind)];
}

/// Roles as they are stored: known in that scope, sorted, each once, one a line.
Result<std::string> encode_roles(const Place& place, std::vector<std::string> roles) {
    std::ranges::sort(roles);
    const auto [first, last] = std::ranges::unique(roles);
    roles.erase(first, last);
    const auto holdable = roles_of(place.kind);
    const bool known =
        std::ranges::all_of(roles, [&](const std::string& name) { return std::ranges::find(holdable, name) != holdable.end(); });
    if (roles.empty() || !known) return fail(Code::invalid_argument, words_of(place.kind).invalid, "these roles cannot be held here");
    return join(roles, "\n");
}

Result<Change> record(store::Writer& db, InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                      std::string_view verb, const std::vector<std::string>& roles, std::int64_t version) {
    auto aggregate = TRY(aggregate_of(db, scope, place));
    const auto& words = words_of(place.kind);
    const auto user_id = TRY(directory::find_public_id(db, scope, Noun::user, user.key));
    const std::string type = std::string(words.event) + std::string(verb);
    TRY(db.append(scope, store::event_of(editor, words.aggregate, aggregate.id, type, aggregate.owner,
                                         store::EventBody().add("userId", user_id.value_or("")).add("roles", roles).take())));
    return Change{.at = db.now(), .sequence = version, .resource_owner = std::move(aggregate.resource_owner)};
}

}  // namespace

std::vector<std::string> split_roles(std::string_view text) {
    std::vector<std::string> roles;
    if (text.empty()) return roles;
    for (const auto role : split(text, '\n')) roles.emplace_back(role);
    return roles;
}

Result<Aggregate> aggregate_of(store::Reader& db, InstanceScope scope, const Place& place) {
    std::optional<Aggregate> found;
    const auto of_org = [&](const store::Row& row) {
        found = Aggregate{row.i64(0), row.id<OrgId>(1), directory::display_id(row.i64(1), row.text(2)), row.time(3), row.i64(4)};
    };
    switch (place.kind) {
        case ScopeKind::instance:
            TRY(db.query(scope, "SELECT id, changed_at, version FROM instances WHERE instance_no = ?1", {}, [&](const store::Row& row) {
                found = Aggregate{row.i64(0), OrgId{}, std::to_string(row.i64(0)), row.time(1), row.i64(2)};
            }));
            break;
        case ScopeKind::organization:
            TRY(db.query(scope, "SELECT id, id, public_id, changed_at, version FROM organizations WHERE instance_no = ?1 AND id = ?2",
                         {place.id}, of_org));
            break;
        case ScopeKind::project:
            TRY(db.query(scope,
                         "SELECT p.id, o.id, o.public_id, p.changed_at, p.version FROM projects p "
                         "JOIN organizations o ON o.instance_no = p.instance_no AND o.id = p.org_id "
                         "WHERE p.instance_no = ?1 AND p.id = ?2",
                         {place.id}, of_org));
            break;
        case ScopeKind::project_grant:
            TRY(db.query(scope,
                         "SELECT g.project_id, o.id, o.public_id, g.changed_at, g.version FROM project_grants g "
                         "JOIN organizations o ON o.instance_no = g.instance_no AND o.id = g.owner_org_id "
                         "WHERE g.instance_no = ?1 AND g.id = ?2",
                         {place.id}, of_org));
            break;
    }
    if (!found) return fail(Code::not_found, words_of(place.kind).not_found, "what the membership is of does not exist");
    return *std::move(found);
}

Members::Members(store::Store& store) : store_(store) {}

Result<Change> Members::add(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                            const std::vector<std::string>& roles) {
    return store_.write(Database::directory, [&](store::Writer& db) { return add(db, scope, place, editor, user, roles); });
}

Result<Change> Members::add(store::Writer& db, InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                            const std::vector<std::string>& roles) {
    const std::string encoded = TRY(encode_roles(place, roles));
    TRY(aggregate_of(db, scope, place));
    if (!TRY(directory::find_public_id(db, scope, Noun::user, user.key)))
        return fail(Code::failed_precondition, words_of(place.kind).nobody, "there is no such user");
    const auto added = TRY(db.exec(scope,
                                   "INSERT INTO members (instance_no, user_id, scope_kind, scope_id, roles, created_at, changed_at) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT DO NOTHING",
                                   {user, static_cast<int>(place.kind), place.id, encoded, db.now()}));
    if (added == 0) return fail(Code::already_exists, words_of(place.kind).exists, "the user is a member already");
    return record(db, scope, place, editor, user, "added", split_roles(encoded), 1);
}

Result<Change> Members::update(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user,
                               const std::vector<std::string>& roles) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const std::string encoded = TRY(encode_roles(place, roles));
        const auto aggregate = TRY(aggregate_of(db, scope, place));
        std::optional<Change> unchanged;
        std::int64_t version = 0;
        TRY(db.query(scope,
                     "SELECT roles, changed_at, version FROM members "
                     "WHERE instance_no = ?1 AND user_id = ?2 AND scope_kind = ?3 AND scope_id = ?4",
                     {user, static_cast<int>(place.kind), place.id}, [&](const store::Row& row) {
                         version = row.i64(2);
                         if (row.text(0) == encoded)
                             unchanged = Change{.at = row.time(1), .sequence = version, .resource_owner = aggregate.resource_owner};
                     }));
        if (version == 0) return fail(Code::not_found, words_of(place.kind).not_found, "the user is no member");
        if (unchanged) return *std::move(unchanged);
        TRY(db.query(scope,
                     "UPDATE members SET roles = ?5, changed_at = ?6, version = version + 1 "
                     "WHERE instance_no = ?1 AND user_id = ?2 AND scope_kind = ?3 AND scope_id = ?4 RETURNING version",
                     {user, static_cast<int>(place.kind), place.id, encoded, db.now()},
                     [&](const store::Row& row) { version = row.i64(0); }));
        return record(db, scope, place, editor, user, "changed", split_roles(encoded), version);
    });
}

Result<Change> Members::remove(InstanceScope scope, const Place& place, const store::Editor& editor, UserId user) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        const auto aggregate = TRY(aggregate_of(db, scope, place));
        std::int64_t version = 0;
        TRY(db.query(scope,
                     "DELETE FROM members WHERE instance_no = ?1 AND user_id = ?2 AND scope_kind = ?3 AND scope_id = ?4 RETURNING version",
                     {user, static_cast<int>(place.kind), place.id}, [&](const store::Row& row) { version = row.i64(0); }));
        if (version == 0) return Change{.at = aggregate.changed, .sequence = aggregate.version, .resource_owner = aggregate.resource_owner};
        return record(db, scope, place, editor, user, "removed", {}, version + 1);
    });
}

Result<std::shared_ptr<const Memberships>> Members::memberships_of(InstanceScope scope, UserId user) const {
    return store_.read(Database::directory, [&](store::Reader& db) { return read_memberships(db, scope, user); });
}

Result<std::shared_ptr<const Memberships>> read_memberships(store::Reader& db, InstanceScope scope, UserId user) {
    auto memberships = std::make_shared<Memberships>();
    TRY(db.query(scope,
                 "SELECT m.scope_kind, m.scope_id, m.roles, m.created_at, m.changed_at, m.version, i.id, o.public_id, p.public_id, "
                 "g.public_id FROM members m "
                 "JOIN instances i ON i.instance_no = m.instance_no "
                 "LEFT JOIN organizations o ON m.scope_kind = 1 AND o.instance_no = m.instance_no AND o.id = m.scope_id "
                 "LEFT JOIN projects p ON m.scope_kind = 2 AND p.instance_no = m.instance_no AND p.id = m.scope_id "
                 "LEFT JOIN project_grants g ON m.scope_kind = 3 AND g.instance_no = m.instance_no AND g.id = m.scope_id "
                 "WHERE m.instance_no = ?1 AND m.user_id = ?2 ORDER BY m.scope_kind, m.scope_id",
                 {user}, [&](const store::Row& row) {
                     Membership membership{.place = {static_cast<ScopeKind>(row.i64(0)), row.i64(1)},
                                           .place_id = {},
                                           .roles = split_roles(row.text(2)),
                                           .permissions = {},
                                           .stamp = {row.time(3), row.time(4), row.i64(5)}};
                     switch (membership.place.kind) {
                         case ScopeKind::instance:
                             membership.place_id = std::to_string(row.i64(6));
                             break;
                         case ScopeKind::organization:
                             membership.place_id = directory::display_id(row.i64(1), row.text(7));
                             break;
                         case ScopeKind::project:
                             membership.place_id = directory::display_id(row.i64(1), row.text(8));
                             break;
                         case ScopeKind::project_grant:
                             membership.place_id = directory::display_id(row.i64(1), row.text(9));
                             break;
                     }
                     for (const auto& name : membership.roles) {
                         // A role that is unknown, or of another scope, gives nothing: whatever wrote it had no right to.
                         const Role* role = find_role(name);
                         if (role != nullptr && role->scope == membership.place.kind) membership.permissions |= role->permissions;
                     }
                     memberships->push_back(std::move(membership));
                 }));
    return memberships;
}

}  // namespace godwit::member
