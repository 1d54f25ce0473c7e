// Sessions: showing them with their users, searching.
#include <map>
#include <set>

#include "directory/object/public_id.h"
#include "directory/session/ending.h"
#include "directory/session/row.h"
#include "directory/session/sessions.h"
#include "directory/user/users.h"

namespace godwit::session {
namespace {

Result<std::vector<Shown>> with_users(store::Store& store, InstanceScope instance, std::vector<Session> sessions) {
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<std::vector<Shown>> {
        std::map<UserId, std::optional<UserView>> users;
        std::vector<Shown> out;
        for (const Session& session : sessions) {
            if (session.user && !users.contains(session.user)) {
                std::optional<UserView> view;
                if (const auto user = TRY(user::read_user(db, user::Ref::of(instance, session.user))))
                    view = UserView{.id = user->public_id,
                                    .login_name = user->preferred_login_name,
                                    .display_name = user->display_name(),
                                    .org_id = user->org_id};
                users.emplace(session.user, std::move(view));
            }
            out.push_back({.session = session, .user = session.user ? users.at(session.user) : std::nullopt});
        }
        return out;
    });
}

/// The key of a contract id of a user; one that matches nothing when there is none.
Result<UserId> user_key(store::Store& store, InstanceScope instance, std::string_view id) {
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<UserId> {
        return UserId(TRY(directory::resolve(db, instance, directory::Noun::user, id)).value_or(-1));
    });
}

/// Users of these sessions that are there no more.
std::set<UserId> removed_users(const std::vector<Shown>& shown) {
    std::set<UserId> removed;
    for (const Shown& each : shown) {
        if (each.session.user && !each.user) removed.insert(each.session.user);
    }
    return removed;
}

Result<directory::Listed<Session>> read_page(store::Store& store, InstanceScope instance, const store::ListStatement& statement,
                                             const store::Bindings& b, const std::optional<std::string>& fingerprint_id,
                                             const store::Page& page) {
    return store.read(store::Database::runtime, [&](store::Reader& db) -> Result<directory::Listed<Session>> {
        directory::Listed<Session> out;
        if (!fingerprint_id) {
            out.total =
                TRY(store::run_list(db, instance, statement, b, page, [&](const store::Row& row) { out.rows.push_back(session_of(row)); }));
            return out;
        }
        // The fingerprint is inside the stored user agent: looked at in the program.
        std::uint64_t total = 0;
        TRY(db.query(instance,
                     "SELECT " + statement.columns + " FROM sessions WHERE " + statement.where + " AND user_agent IS NOT NULL ORDER BY " +
                         store::ordered(statement.order_by, page.ascending),
                     b.values(), [&](const store::Row& row) {
                         Session session = session_of(row);
                         if (session.user_agent->fingerprint_id != fingerprint_id) return;
                         if (total++ >= page.offset && out.rows.size() < store::applied_limit(page)) out.rows.push_back(std::move(session));
                     }));
        out.total = out.rows.empty() ? 0 : total;
        return out;
    });
}

}  // namespace

Result<Shown> Sessions::show(InstanceScope instance, std::string_view public_id) {
    std::vector<Session> one;
    one.push_back(TRY(get(instance, public_id)));
    return std::move(TRY(with_users(store_, instance, std::move(one))).front());
}

Result<directory::Listed<Shown>> Sessions::list(InstanceScope instance, const Search& search,
                                                const std::optional<std::vector<OrgId>>& within, UserId or_own, const store::Page& page) {
    store::Bindings b;
    std::vector<std::string> where{"instance_no = ?1", "terminated_at IS NULL"};
    if (search.ids) {
        std::vector<std::int64_t> keys;
        for (const std::string& id : *search.ids) keys.push_back(directory::generated_key(id).value_or(0));
        where.push_back(store::in_condition(b, "id", keys));
    }
    if (search.user_id) where.push_back("user_id = " + b.bind(TRY(user_key(store_, instance, *search.user_id))));
    if (search.creator_id) where.push_back("creator_id = " + b.bind(TRY(user_key(store_, instance, *search.creator_id))));
    if (search.created) where.push_back(store::time_condition(b, "created_at", search.created->method, search.created->at));
    if (within) {
        std::vector<std::int64_t> orgs;
        for (const OrgId org : *within) orgs.push_back(org.key);
        std::vector<std::string> either{store::in_condition(b, "org_id", orgs)};
        if (or_own) {  // 0 would be nobody's sessions
            const std::string own = b.bind(or_own);
            either.push_back("creator_id = " + own);
            either.push_back("user_id = " + own);
        }
        where.push_back(store::any_of(either));
    }
    const store::ListStatement statement{
        .columns = std::string(kSessionColumns), .from = "sessions", .where = store::all_of(where), .order_by = "id"};

    while (true) {
        auto listed = TRY(read_page(store_, instance, statement, b, search.fingerprint_id, page));
        auto shown = TRY(with_users(store_, instance, std::move(listed.rows)));
        const auto removed = removed_users(shown);
        if (removed.empty()) return directory::Listed<Shown>{.rows = std::move(shown), .total = listed.total};
        for (const UserId user : removed)
            TRY(terminate_all_of(store_, instance, user, {.user = {}, .service = "Removal", .request_id = {}}));
    }
}

}  // namespace godwit::session
