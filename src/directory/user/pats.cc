// Machines: personal access tokens. A token is base64url(id ‖ 32 random bytes); the row has the SHA-256 of the random part.
#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/object/public_id.h"
#include "directory/user/machine_rows.h"
#include "directory/user/machines.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

constexpr std::size_t kIdBytes = 8, kSecretBytes = 32;

std::string token_of(std::int64_t id, std::string_view secret) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(id) >> shift & 0xFF);
    return base64_encode(bytes + std::string(secret), Base64::url);
}

struct Parts {
    std::int64_t id;
    std::string secret;
};
std::optional<Parts> parts_of(std::string_view token) {
    const auto bytes = base64_decode(token, Base64::url);
    if (!bytes || bytes->size() != kIdBytes + kSecretBytes) return std::nullopt;
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < kIdBytes; ++i) id = id << 8 | static_cast<unsigned char>((*bytes)[i]);
    return Parts{static_cast<std::int64_t>(id), bytes->substr(kIdBytes)};
}

std::vector<std::string> words_of(std::string_view text) {
    const auto words = split_words(text);
    return {words.begin(), words.end()};
}

constexpr std::string_view kPatColumns = "t.id, t.created_at, t.expires_at, t.scopes, u.org_id, o.public_id";
constexpr std::string_view kPatFrom =
    "access_pats t JOIN users u ON u.instance_no = t.instance_no AND u.id = t.user_id "
    "JOIN organizations o ON o.instance_no = u.instance_no AND o.id = u.org_id";

Pat pat_of(const store::Row& row) {
    return {.id = std::to_string(row.i64(0)),
            .stamp = {.created = row.time(1), .changed = row.time(1), .sequence = 1},
            .resource_owner = directory::display_id(row.i64(4), row.text(5)),
            .expires = row.maybe_time(2).value_or(kNoExpiry),
            .scopes = words_of(row.text(3))};
}

}  // namespace

Result<IssuedPat> Machines::add_pat(const Ref& ref, std::optional<Time> expires, std::vector<std::string> scopes,
                                    const store::Editor& editor) {
    const Error missing{Code::failed_precondition, "COMMAND-Dggw2", "User could not be found"};
    IssuedPat issued;
    issued.change = TRY(change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.machine()) return fail(Code::failed_precondition, "COMMAND-Df2f1", "Not allowed for this user type");
        const auto until = TRY(accept_expiry(expires, db.now()));
        const std::int64_t id = db.new_id();
        const std::string secret = crypto::random_bytes(kSecretBytes);
        issued.id = std::to_string(id);
        issued.token = Secret(token_of(id, secret));
        const std::string hash = crypto::sha256(secret);
        TRY(db.exec(ref.instance,
                    "INSERT INTO access_pats (instance_no, id, user_id, secret_sha256, scopes, created_at, expires_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    {id, row.user.id, store::Blob{hash}, join(scopes, " "), db.now(), until}));
        const Happened event{"user.pat.added", store::EventBody().add("tokenId", issued.id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    }));
    return issued;
}

Result<Pat> Machines::get_pat(const Ref& ref, std::string_view pat_id) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<Pat> {
        const Error missing{Code::not_found, "QUERY-fRunu", "Personal Access Token not found"};
        const UserRow row = TRY(get_row(db, ref, missing));
        std::optional<Pat> found;
        TRY(db.query(ref.instance,
                     "SELECT " + std::string(kPatColumns) + " FROM " + std::string(kPatFrom) +
                         " WHERE t.instance_no = ?1 AND t.user_id = ?2 AND t.id = ?3 AND t.revoked_at IS NULL",
                     {row.user.id, directory::generated_key(pat_id).value_or(0)}, [&](const store::Row& pat) { found = pat_of(pat); }));
        if (!found) return fail(missing);
        return *std::move(found);
    });
}

Result<directory::Listed<Pat>> Machines::list_pats(const Ref& ref, const store::Page& page) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Pat>> {
        directory::Listed<Pat> out;
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return out;
        store::Bindings b;
        const store::ListStatement list{.columns = std::string(kPatColumns),
                                        .from = std::string(kPatFrom),
                                        .where = "t.instance_no = ?1 AND t.revoked_at IS NULL AND t.user_id = " + b.bind(row->user.id),
                                        .order_by = "t.id"};
        out.total = TRY(store::run_list(db, ref.instance, list, b, in_order_made(page),
                                        [&](const store::Row& pat) { out.rows.push_back(pat_of(pat)); }));
        return out;
    });
}

Result<directory::Change> Machines::remove_pat(const Ref& ref, std::string_view pat_id, const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-4m77G", "Personal Access Token not found"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const auto removed = TRY(db.exec(ref.instance, "DELETE FROM access_pats WHERE instance_no = ?1 AND user_id = ?2 AND id = ?3",
                                         {row.user.id, directory::generated_key(pat_id).value_or(0)}));
        if (removed == 0) return fail(missing);
        const Happened event{"user.pat.removed", store::EventBody().add("tokenId", pat_id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<std::optional<PatOwner>> Machines::find_pat(InstanceScope instance, std::string_view token) {
    const auto parts = parts_of(token);
    if (!parts) return std::nullopt;
    std::optional<PatOwner> found;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(instance,
                        "SELECT t.secret_sha256, t.expires_at, t.scopes, u.id, u.public_id, u.org_id, o.public_id FROM " +
                            std::string(kPatFrom) +
                            " WHERE t.instance_no = ?1 AND t.id = ?2 AND t.revoked_at IS NULL AND u.state = 1 AND o.state = 1",
                        {parts->id}, [&](const store::Row& row) {
                            if (!crypto::constant_time_equals(row.blob(0), crypto::sha256(parts->secret))) return;
                            if (const auto expires = row.maybe_time(1); expires && *expires <= clock_.now()) return;
                            found = {.token_id = std::to_string(parts->id),
                                     .user = row.id<UserId>(3),
                                     .user_id = directory::display_id(row.i64(3), row.text(4)),
                                     .org = row.id<OrgId>(5),
                                     .org_id = directory::display_id(row.i64(5), row.text(6)),
                                     .scopes = words_of(row.text(2))};
                        });
    }));
    return found;
}

}  // namespace godwit::user
