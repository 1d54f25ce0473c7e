// Users: reading one.
#include "directory/user/row.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

Result<User> finish_one(store::Reader& db, InstanceScope instance, UserRow row) {
    Namings namings(db, instance);
    std::vector<UserRow> rows;
    rows.push_back(std::move(row));
    return std::move(TRY(finish(namings, std::move(rows))).front());
}

}  // namespace

Result<std::optional<User>> read_user(store::Reader& db, const Ref& ref) {
    auto row = TRY(find_row(db, ref));
    if (!row || (ref.within && row->user.org != ref.within)) return std::nullopt;
    return TRY(finish_one(db, ref.instance, *std::move(row)));
}

Result<std::optional<User>> Users::find(const Ref& ref) {
    return store_.read(store::Database::directory, [&](store::Reader& db) { return read_user(db, ref); });
}

Result<User> Users::get(const Ref& ref) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<User> {
        auto row = TRY(find_row(db, ref));
        if (!row) return fail(no_user("QUERY-Dfbg2"));
        if (ref.within && row->user.org != ref.within) return fail(no_user("MANAG-fpo4B"));
        return finish_one(db, ref.instance, *std::move(row));
    });
}

Result<std::optional<User>> Users::find_by_login_name(InstanceScope instance, std::string_view login_name) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<User>> {
        const auto id = TRY(resolve_login_name(db, instance, login_name));
        if (!id) return std::nullopt;
        return read_user(db, Ref::of(instance, *id));
    });
}

}  // namespace godwit::user
