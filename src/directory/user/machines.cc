// Machines: client secrets and keys. Personal access tokens are in pats.cc.
#include "directory/user/machines.h"

#include "base/encoding.h"
#include "base/unicode.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/random.h"
#include "directory/object/public_id.h"
#include "directory/user/machine_rows.h"
#include "directory/user/refusals.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

constexpr std::string_view kSecretPrefix = "sha256:";

Error no_machine() { return {Code::failed_precondition, "COMMAND-x8910n", "Errors.User.NotExisting"}; }
Error no_key_user() { return {Code::failed_precondition, "COMMAND-bnipwm1", "User could not be found"}; }

/// The file that clients of the reference load: {"type":"serviceaccount","keyId":…,"key":PEM,"expirationDate":…,"userId":…}
Secret key_file(std::string_view key_id, const Secret& pem, Time expires, std::string_view user_id) {
    std::string json = R"({"type":"serviceaccount","keyId":)";
    append_json_string(json, key_id);
    json += R"(,"key":)";
    append_json_string(json, pem.reveal());
    json += R"(,"expirationDate":)";
    append_json_string(json, to_rfc3339(expires));
    json += R"(,"userId":)";
    append_json_string(json, user_id);
    json += "}";
    return Secret(std::move(json));
}

Result<crypto::PublicKey> parse_public_key(std::string_view bytes) {
    return bytes.find("-----BEGIN") != std::string_view::npos ? crypto::PublicKey::from_pem(bytes) : crypto::PublicKey::from_der(bytes);
}

constexpr std::string_view kKeyColumns = "k.id, k.public_id, k.created_at, k.expires_at, k.spki, u.org_id, o.public_id";
constexpr std::string_view kKeyFrom =
    "machine_keys k JOIN users u ON u.instance_no = k.instance_no AND u.id = k.user_id "
    "JOIN organizations o ON o.instance_no = u.instance_no AND o.id = u.org_id";

MachineKey key_of(const store::Row& row) {
    return {.id = directory::display_id(row.i64(0), row.text(1)),
            .stamp = {.created = row.time(2), .changed = row.time(2), .sequence = 1},
            .resource_owner = directory::display_id(row.i64(5), row.text(6)),
            .expires = row.maybe_time(3).value_or(kNoExpiry),
            .spki = std::string(row.blob(4))};
}

}  // namespace

Result<std::optional<Time>> accept_expiry(std::optional<Time> wanted, Time now) {
    if (!wanted || *wanted >= kNoExpiry) return std::nullopt;
    if (*wanted <= now) return fail(Code::invalid_argument, "DOMAIN-dv3t5", "Errors.AuthNKey.ExpireBeforeNow");
    return wanted;
}

std::string key_condition(store::Bindings& bindings, std::string_view alias, std::string_view text) {
    const std::string a(alias);
    if (const auto key = directory::generated_key(text))
        return "(" + a + ".id = " + bindings.bind(*key) + " AND " + a + ".public_id IS NULL)";
    return "(" + a + ".public_id_key = " + bindings.bind(fold(text)) + " AND " + a + ".public_id = " + bindings.bind(text) + ")";
}

Result<IssuedSecret> Machines::generate_secret(const Ref& ref, const store::Editor& editor) {
    IssuedSecret issued;
    issued.change = TRY(change(store_, ref, no_machine(), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.machine()) return fail(no_machine());
        issued.client_id = row.user.name;
        issued.secret = Secret(crypto::random_token());
        TRY(db.exec(ref.instance,
                    "INSERT INTO machine_secrets (instance_no, user_id, encoded, created_at) VALUES (?1, ?2, ?3, ?4) "
                    "ON CONFLICT (instance_no, user_id) DO UPDATE SET encoded = excluded.encoded, created_at = excluded.created_at",
                    {row.user.id, std::string(kSecretPrefix) + hex_encode(crypto::sha256(issued.secret.reveal())), db.now()}));
        const Happened event{"user.machine.secret.set"};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    }));
    return issued;
}

Result<directory::Change> Machines::remove_secret(const Ref& ref, const store::Editor& editor) {
    const Error missing{Code::failed_precondition, "COMMAND-x7s802", "Errors.User.NotExisting"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        const auto removed =
            TRY(db.exec(ref.instance, "DELETE FROM machine_secrets WHERE instance_no = ?1 AND user_id = ?2", {row.user.id}));
        if (removed == 0) return fail(Code::failed_precondition, "COMMAND-coi82n", "Secret doesn't exist");
        const Happened event{"user.machine.secret.removed"};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<bool> Machines::verify_secret(InstanceScope instance, UserId user, std::string_view secret) {
    std::string encoded;
    TRY(store_.read(store::Database::directory, [&](store::Reader& db) {
        return db.query(instance, "SELECT encoded FROM machine_secrets WHERE instance_no = ?1 AND user_id = ?2", {user},
                        [&](const store::Row& row) { encoded = row.text(0); });
    }));
    const std::string expected = std::string(kSecretPrefix) + hex_encode(crypto::sha256(secret));
    return crypto::constant_time_equals(encoded, expected);
}

Result<IssuedKey> Machines::add_key(const Ref& ref, std::optional<Time> expires, std::string_view public_key, const store::Editor& editor) {
    // Made before the transaction: it takes a hundred milliseconds.
    std::optional<crypto::PrivateKey> pair;
    std::string spki;
    if (public_key.empty()) {
        pair = crypto::PrivateKey::generate_rsa();
        spki = pair->public_key().to_der();
    } else {
        spki = TRY(parse_public_key(public_key)).to_der();
    }
    IssuedKey issued;
    issued.change = TRY(change(store_, ref, no_key_user(), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.machine()) return fail(no_key_user());
        const auto until = TRY(accept_expiry(expires, db.now()));
        const std::int64_t id = db.new_id();
        issued.id = std::to_string(id);
        if (pair) issued.details = key_file(issued.id, pair->to_pkcs1_pem(), until.value_or(kNoExpiry), row.user.public_id);
        TRY(db.exec(
            ref.instance,
            "INSERT INTO machine_keys (instance_no, id, user_id, kind, spki, created_at, expires_at) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)",
            {id, row.user.id, store::Blob{spki}, db.now(), until}));
        const Happened event{"user.machine.key.added", store::EventBody().add("keyId", issued.id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    }));
    return issued;
}

Result<directory::Change> Machines::add_given_key(const Ref& ref, const NewMachineKey& key, const store::Editor& editor) {
    const std::string spki = TRY(parse_public_key(key.spki)).to_der();
    return change(store_, ref, no_key_user(), [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        if (!row.user.machine()) return fail(no_key_user());
        const auto until = TRY(accept_expiry(key.expires, db.now()));
        const auto id = TRY(directory::make_id(db, key.key_id.empty() ? std::nullopt : std::optional(key.key_id)));
        const auto added =
            TRY(db.exec(ref.instance,
                        "INSERT INTO machine_keys (instance_no, id, public_id, public_id_key, user_id, kind, spki, created_at, expires_at) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                        {id.key, id.public_id, id.public_id_key, row.user.id, store::Blob{spki}, db.now(), until}));
        if (added == 0) return fail(key_taken());
        const Happened event{"user.machine.key.added", store::EventBody().add("keyId", id.shown()).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<MachineKey> Machines::get_key(const Ref& ref, std::string_view key_id) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<MachineKey> {
        const Error missing{Code::not_found, "QUERY-Tha6f", "Machine key not found"};
        const UserRow row = TRY(get_row(db, ref, missing));
        store::Bindings b;
        const std::string where = "k.instance_no = ?1 AND k.user_id = " + b.bind(row.user.id) + " AND " + key_condition(b, "k", key_id);
        std::optional<MachineKey> found;
        TRY(db.query(ref.instance, "SELECT " + std::string(kKeyColumns) + " FROM " + std::string(kKeyFrom) + " WHERE " + where, b.values(),
                     [&](const store::Row& key) { found = key_of(key); }));
        if (!found) return fail(missing);
        return *std::move(found);
    });
}

Result<directory::Listed<MachineKey>> Machines::list_keys(const Ref& ref, const store::Page& page) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<directory::Listed<MachineKey>> {
        directory::Listed<MachineKey> out;
        const auto row = TRY(find_row(db, ref));
        if (!row || (ref.within && row->user.org != ref.within)) return out;
        store::Bindings b;
        const store::ListStatement list{.columns = std::string(kKeyColumns),
                                        .from = std::string(kKeyFrom),
                                        .where = "k.instance_no = ?1 AND k.user_id = " + b.bind(row->user.id),
                                        .order_by = "k.id"};
        out.total = TRY(store::run_list(db, ref.instance, list, b, in_order_made(page),
                                        [&](const store::Row& key) { out.rows.push_back(key_of(key)); }));
        return out;
    });
}

Result<directory::Change> Machines::remove_key(const Ref& ref, std::string_view key_id, const store::Editor& editor) {
    const Error missing{Code::not_found, "COMMAND-4m77G", "Machine key not found"};
    return change(store_, ref, missing, [&](store::Writer& db, const UserRow& row) -> Result<directory::Change> {
        store::Bindings b;
        const std::string where =
            "instance_no = ?1 AND user_id = " + b.bind(row.user.id) + " AND " + key_condition(b, "machine_keys", key_id);
        if (TRY(db.exec(ref.instance, "DELETE FROM machine_keys WHERE " + where, b.values())) == 0) return fail(missing);
        const Happened event{"user.machine.key.removed", store::EventBody().add("keyId", key_id).take()};
        return apply(db, ref.instance, row, editor, "", {}, std::span(&event, 1));
    });
}

Result<std::optional<Machines::KeyOwner>> Machines::find_key(InstanceScope instance, std::string_view key_id) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::optional<KeyOwner>> {
        store::Bindings b;
        const std::string where = "k.instance_no = ?1 AND u.state = 1 AND " + key_condition(b, "k", key_id);
        std::optional<KeyOwner> found;
        std::optional<Time> expires;
        TRY(db.query(instance, "SELECT u.id, u.public_id, k.spki, k.expires_at FROM " + std::string(kKeyFrom) + " WHERE " + where,
                     b.values(), [&](const store::Row& row) {
                         found = {.user = row.id<UserId>(0),
                                  .user_id = directory::display_id(row.i64(0), row.text(1)),
                                  .spki = std::string(row.blob(2))};
                         expires = row.maybe_time(3);
                     }));
        if (expires && *expires <= clock_.now()) return std::nullopt;
        return found;
    });
}

}  // namespace godwit::user
