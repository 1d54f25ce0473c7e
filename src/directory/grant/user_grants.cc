#include "directory/grant/user_grants.h"

#include <set>

#include "directory/grant/rows.h"
#include "directory/object/public_id.h"
#include "directory/project/holding.h"
#include "directory/user/grant_rows.h"
#include "directory/user/users.h"
#include "store/store.h"

namespace godwit::grant {
namespace {

using directory::Change;
using store::Database;

/// A user that is being removed keeps no grant: see project::keep_holding, whose way this is.
Result<void> keep_user(store::Writer& db, InstanceScope scope, UserId user) {
    if (TRY(db.exec(scope, "UPDATE users SET version = version WHERE instance_no = ?1 AND id = ?2", {user})) == 0)
        return fail(Code::aborted, "USER-Vrs01", "the user was changed by someone else; try again");
    return {};
}

/// Writes the change of a grant, if it is still the version that was read: `set` is "column = ?6".
Result<Change> apply(store::Writer& db, InstanceScope scope, const UserGrant& grant, std::string_view set, store::Value value,
                     const store::Event& event) {
    const std::int64_t version = grant.stamp.sequence + 1;
    const auto written = TRY(db.exec(scope,
                                     "UPDATE user_grants SET " + std::string(set) +
                                         ", version = ?4, changed_at = ?5 WHERE instance_no = ?1 AND id = ?2 AND version = ?3",
                                     {grant.key, grant.stamp.sequence, version, db.now(), value}));
    if (written == 0) return fail(Code::aborted, "USERGRANT-Vrs01", "the grant was changed by someone else; try again");
    TRY(db.append(scope, event));
    return Change{.at = db.now(), .sequence = version, .resource_owner = grant.org.id};
}

/// Reads the grant (`missing` when there is none), lets `fn(db, grant)` change it, and begins again when another change came between.
template <class Fn>
Result<Change> change(store::Store& store, const GrantRef& ref, const Error& missing, Fn&& fn) {
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
        auto result = store.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
            const auto grant = TRY(find_grant(db, ref));
            if (!grant) return fail(missing);
            return fn(db, *grant);
        });
        if (result || result.error().code != Code::aborted || attempt == kAttempts) return result;
    }
}

store::Event event_of(const store::Editor& editor, const UserGrant& grant, std::string_view type, std::string body = {}) {
    if (body.empty()) body = store::EventBody().add("userId", grant.user_id).add("projectId", grant.project_id).take();
    return store::event_of(editor, "usergrant", grant.key, type, grant.org.key, std::move(body));
}

Result<void> remove_in(store::Writer& db, const GrantRef& ref, const store::Editor& editor, Change& done) {
    const auto grant = TRY(find_grant(db, ref));
    if (!grant) return fail(Code::not_found, "COMMAND-1My0t", "User grant not found");
    if (TRY(db.exec(ref.org.instance(), "DELETE FROM user_grants WHERE instance_no = ?1 AND id = ?2", {grant->key})) == 0)
        return fail(Code::not_found, "COMMAND-1My0t", "User grant not found");
    TRY(db.append(ref.org.instance(), event_of(editor, *grant, "user.grant.removed")));
    done = {.at = db.now(), .sequence = grant->stamp.sequence + 1, .resource_owner = grant->org.id};
    return {};
}

Error no_grant(std::string_view id) { return {Code::not_found, std::string(id), "User grant not found"}; }

}  // namespace

Result<UserGrant> UserGrants::add(const OrgScope& org, const user::Ref& user, const user::NewGrant& wanted, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) { return add(db, org, user, wanted, editor); });
}

Result<UserGrant> UserGrants::add(store::Writer& db, const OrgScope& org, const user::Ref& ref, const user::NewGrant& wanted,
                                  const store::Editor& editor) {
    const InstanceScope scope = org.instance();
    const auto user = TRY(user::read_user(db, ref));
    if (!user) return fail(Code::failed_precondition, "COMMAND-4f8sg", "Errors.User.NotFound");
    const project::RoleKeys roles = project::sorted_roles(wanted.roles);
    const auto holding = TRY(project::find_holding(db, org, wanted.project_id, wanted.project_grant_id));
    TRY(user::accept_grant(holding, roles));
    const std::int64_t id = db.new_id();
    const std::string stored = project::join_roles(roles);
    const store::Value row[] = {user->id, holding->project.key, holding->grant, org.org(), id, stored, db.now(), db.now()};
    const Error exists = user::grant_exists();
    TRY(directory::unique_as(db.attempt([&] { return db.insert_rows(scope, "user_grants", user::kGrantInsert, row); }), exists.id,
                             exists.message));
    TRY(db.append(scope, store::event_of(editor, "usergrant", id, "user.grant.added", org.org(),
                                         user::grant_body(user->public_id, *holding, roles))));
    TRY(keep_user(db, scope, user->id));
    TRY(project::keep_holding(db, scope, holding->project.key, holding->grant));
    return *TRY(find_grant(db, {org, user->public_id, std::to_string(id)}));
}

Result<Change> UserGrants::update(const GrantRef& ref, const project::RoleKeys& wanted, const store::Editor& editor) {
    const project::RoleKeys roles = project::sorted_roles(wanted);
    return change(store_, ref, no_grant("COMMAND-3M9sd"), [&](store::Writer& db, const UserGrant& grant) -> Result<Change> {
        const auto holding = TRY(project::find_holding(db, ref.org, grant.project_id, grant.project_grant_id));
        TRY(user::accept_grant(holding, roles));
        if (roles == grant.roles) return fail(Code::failed_precondition, "COMMAND-Rs8fy", "User grant has not been changed");
        const std::string stored = project::join_roles(roles);
        return apply(db, ref.org.instance(), grant, "roles = ?6", stored,
                     event_of(editor, grant, "user.grant.changed", user::grant_body(grant.user_id, *holding, roles)));
    });
}

Result<Change> UserGrants::deactivate(const GrantRef& ref, const store::Editor& editor) {
    return set_state(ref, State::inactive, no_grant("COMMAND-1S9gx"), editor);
}
Result<Change> UserGrants::reactivate(const GrantRef& ref, const store::Editor& editor) {
    return set_state(ref, State::active, no_grant("COMMAND-Lp0gs"), editor);
}

Result<Change> UserGrants::set_state(const GrantRef& ref, State to, const Error& missing, const store::Editor& editor) {
    return change(store_, ref, missing, [&](store::Writer& db, const UserGrant& grant) -> Result<Change> {
        if (grant.state == to) return Change{.at = grant.stamp.changed, .sequence = grant.stamp.sequence, .resource_owner = grant.org.id};
        return apply(db, ref.org.instance(), grant, "state = ?6", static_cast<int>(to),
                     event_of(editor, grant, to == State::active ? "user.grant.reactivated" : "user.grant.deactivated"));
    });
}

Result<Change> UserGrants::remove(const GrantRef& ref, const store::Editor& editor) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        Change done;
        TRY(remove_in(db, ref, editor, done));
        return done;
    });
}

Result<void> UserGrants::remove_all(const OrgScope& org, const std::vector<std::string>& ids, const store::Editor& editor) {
    if (ids.empty()) return fail(Code::failed_precondition, "COMMAND-5M0sd", "no grants are named");
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<void> {
        Change done;
        for (const std::string& id : std::set(ids.begin(), ids.end())) TRY(remove_in(db, {org, {}, id}, editor, done));
        return {};
    });
}

}  // namespace godwit::grant
