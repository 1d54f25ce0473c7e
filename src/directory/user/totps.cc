#include "directory/user/totps.h"

#include "directory/key/sealers.h"
#include "directory/user/authenticators.h"
#include "directory/user/row.h"
#include "store/store.h"

namespace godwit::user {

crypto::Place totp_place(UserId user, std::int64_t id) {
    return crypto::Place("user_totp", std::to_string(user.key) + "/" + std::to_string(id), "secret");
}

Result<std::vector<StoredTotp>> find_totps(store::Store& store, const key::Sealers& sealers, InstanceScope instance, UserId user) {
    std::vector<StoredTotp> out;
    std::vector<std::string> sealed;
    TRY(store.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(
            instance,
            "SELECT id, secret, alg, digits, period, name FROM user_totp WHERE instance_no = ?1 AND user_id = ?2 AND state = ?3 "
            "ORDER BY id",
            {user, number(FactorState::ready)}, [&](const store::Row& row) {
                sealed.emplace_back(row.blob(1));
                out.push_back({.id = row.i64(0),
                               .totp = {.key = {},
                                        .algorithm = std::string(row.text(2)),
                                        .digits = static_cast<int>(row.i64(3)),
                                        .period = static_cast<int>(row.i64(4)),
                                        .name = std::string(row.text(5))}});
            });
    }));
    if (out.empty()) return out;
    const auto sealer = TRY(sealers.of(instance));
    for (std::size_t i = 0; i < out.size(); ++i) out[i].totp.key = TRY(sealer->open(totp_place(user, out[i].id), sealed[i]));
    return out;
}

}  // namespace godwit::user
