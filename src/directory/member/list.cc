// Lists of members, with who they are: the memberships are walked, the users looked up.
#include "directory/member/rows.h"
#include "directory/object/public_id.h"
#include "directory/user/login_names.h"
#include "store/store.h"

namespace godwit::member {
namespace {

using directory::Noun;

constexpr std::string_view kColumns =
    "m.user_id, m.roles, m.created_at, m.changed_at, m.version, u.public_id, u.name, u.login_scope, u.kind, u.given_name, u.family_name, "
    "u.display_name, u.email, u.avatar, u.org_id, o.public_id";
constexpr std::string_view kFrom =
    "members m "
    "JOIN users u ON u.instance_no = m.instance_no AND u.id = m.user_id "
    "JOIN organizations o ON o.instance_no = u.instance_no AND o.id = u.org_id";

/// A row with what is not shown as it is stored.
struct Stored {
    Member member;
    std::string name;
    std::int64_t login_scope = 0;
    OrgId user_org;
};

Stored read_row(const store::Row& row) {
    Stored stored;
    Member& member = stored.member;
    member.user = row.id<UserId>(0);
    member.roles = split_roles(row.text(1));
    member.stamp = {row.time(2), row.time(3), row.i64(4)};
    member.user_id = directory::display_id(row.i64(0), row.text(5));
    stored.name = row.text(6);
    stored.login_scope = row.i64(7);
    member.user_kind = static_cast<user::Kind>(row.i64(8));
    member.first_name = row.text(9);
    member.last_name = row.text(10);
    member.display_name = row.text(11);
    member.email = row.text(12);
    member.avatar = row.text(13);
    stored.user_org = row.id<OrgId>(14);
    member.user_org_id = directory::display_id(row.i64(14), row.text(15));
    return stored;
}

Result<std::string> where_of(store::Reader& db, InstanceScope scope, const Place& place, store::Bindings& b, const MemberFilter& filter) {
    std::vector<std::string> conditions{"m.instance_no = ?1", "m.scope_kind = " + b.bind(static_cast<std::int64_t>(place.kind)),
                                        "m.scope_id = " + b.bind(place.id)};
    for (const auto& id : filter.user_ids)
        conditions.push_back("m.user_id = " + b.bind(TRY(directory::resolve(db, scope, Noun::user, id)).value_or(-1)));
    for (const auto& query : filter.users) conditions.push_back(TRY(user::condition(db, scope, b, query)));
    return store::all_of(conditions);
}

std::string order_of(SortBy sort) {
    switch (sort) {
        case SortBy::user_id:
            return "m.user_id";
        case SortBy::changed:
            return "m.changed_at, m.user_id";
        case SortBy::user_org:
            return "u.org_id, m.user_id";
        case SortBy::unspecified:
        case SortBy::created:
            break;
    }
    return "m.created_at, m.user_id";
}

}  // namespace

Result<directory::Listed<Member>> Members::list(InstanceScope scope, const Place& place, const MemberFilter& filter, SortBy sort,
                                                const store::Page& page) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Member>> {
        store::Bindings b;
        const std::string where = TRY(where_of(db, scope, place, b, filter));
        store::Page in_order = page;
        if (sort == SortBy::unspecified) in_order.ascending = true;  // as recorded, whatever is asked for
        std::vector<Stored> rows;
        directory::Listed<Member> listed;
        listed.total = TRY(store::run_list(
            db, scope, {.columns = std::string(kColumns), .from = std::string(kFrom), .where = where, .order_by = order_of(sort)}, b,
            in_order, [&](const store::Row& row) { rows.push_back(read_row(row)); }));
        if (rows.empty()) return listed;
        const auto owner = TRY(aggregate_of(db, scope, place)).resource_owner;
        user::Namings namings(db, scope);
        for (Stored& row : rows) {
            const user::Naming* naming = TRY(namings.of(row.user_org));
            row.member.preferred_login_name = user::login_names(row.name, row.login_scope, *naming).front();
            row.member.resource_owner = owner;
            listed.rows.push_back(std::move(row.member));
        }
        return listed;
    });
}

}  // namespace godwit::member
