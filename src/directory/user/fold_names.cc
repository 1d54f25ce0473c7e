#include "directory/user/fold_names.h"

#include <vector>

#include "base/log.h"
#include "base/unicode.h"
#include "directory/user/types.h"
#include "store/store.h"

namespace godwit::user {
namespace {

struct Names {
    std::int64_t id;
    ProfileKeys keys;
};

/// The next thousand; how many there were.
Result<std::size_t> fold_some(store::Writer& db, InstanceScope instance) {
    std::vector<Names> rows;
    TRY(db.query(
        instance,
        "SELECT id, given_name, family_name, nick_name, display_name FROM users WHERE instance_no = ?1 AND display_key IS NULL "
        "ORDER BY id LIMIT 1000",
        store::Params{}, [&](const store::Row& row) {
            rows.push_back(
                {row.i64(0),
                 {.given = fold(row.text(1)), .family = fold(row.text(2)), .nick = fold(row.text(3)), .display = fold(row.text(4))}});
        }));
    for (const auto& [id, keys] : rows)
        TRY(db.exec(instance,
                    "UPDATE users SET given_key = ?3, family_key = ?4, nick_key = ?5, display_key = ?6 WHERE instance_no = ?1 AND id = ?2 "
                    "AND display_key IS NULL",
                    {id, keys.given, keys.family, keys.nick, keys.display}));
    return rows.size();
}

}  // namespace

Result<void> fold_names(store::Store& store, std::span<const InstanceScope> instances) {
    std::size_t done = 0;
    for (const InstanceScope instance : instances) {
        for (;;) {
            const auto some = TRY(store.write(store::Database::directory, [&](store::Writer& db) { return fold_some(db, instance); }));
            if (some == 0) break;
            if (done == 0) log::info("the names of users are being folded for search");
            done += some;
        }
    }
    if (done > 0) log::info("names of users folded", {{"users", done}});
    return {};
}

}  // namespace godwit::user
