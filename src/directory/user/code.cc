#include "directory/user/code.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "store/event_body.h"
#include "store/outbox.h"

namespace godwit::user {

std::chrono::seconds lifetime_of(CodeKind kind) {
    using std::chrono::hours;
    switch (kind) {
        case CodeKind::initialize:
        case CodeKind::invite:
            return hours(72);
        case CodeKind::email:
        case CodeKind::phone:
        case CodeKind::password_reset:
        case CodeKind::passwordless:
            break;
    }
    return hours(1);
}

std::string code_hash(const crypto::Sealer& sealer, UserId user, CodeKind kind, std::string_view code) {
    const Secret key = sealer.subkey("one-time codes of users");
    return crypto::hmac_sha256(key.reveal(),
                               std::to_string(user.key) + "/" + std::to_string(static_cast<int>(kind)) + "/" + std::string(code));
}

Result<IssuedCode> issue_code(store::Writer& db, InstanceScope instance, const crypto::Sealer& sealer, UserId user, CodeKind kind,
                              std::string_view target) {
    // Codes are typed by people, links are not. Without 0, O, 1 and I.
    constexpr std::string_view kTyped = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    constexpr std::string_view kLink = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const bool link = kind == CodeKind::passwordless;
    std::string code = link ? crypto::random_string(12, kLink) : crypto::random_string(6, kTyped);
    const std::int64_t id = link ? db.new_id() : 0;
    const Time expires = db.now() + lifetime_of(kind);
    const std::string hash = code_hash(sealer, user, kind, code);
    TRY(db.exec(
        instance,
        "INSERT INTO user_codes (instance_no, user_id, kind, code_id, hash, target, attempts, created_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8) ON CONFLICT (instance_no, user_id, kind, code_id) DO UPDATE SET "
        "hash = excluded.hash, target = excluded.target, attempts = 0, created_at = excluded.created_at, expires_at = excluded.expires_at",
        {user, static_cast<std::int64_t>(kind), id, store::Blob{hash}, target, db.now(), expires}));
    return IssuedCode{.id = std::to_string(id), .code = Secret(std::move(code)), .expires = expires};
}

namespace {

/// What notify/ knows a message by.
std::string_view message_kind(CodeKind kind) {
    switch (kind) {
        case CodeKind::initialize:
            return "init_code";
        case CodeKind::email:
            return "verify_email";
        case CodeKind::phone:
            return "verify_phone";
        case CodeKind::password_reset:
            return "password_reset";
        case CodeKind::passwordless:
            return "passwordless_registration";
        case CodeKind::invite:
            return "invite_user";
    }
    return "";
}

}  // namespace

Result<IssuedCode> send_code(store::Writer& db, InstanceScope instance, const crypto::Sealer& sealer, const User& user, CodeKind kind,
                             std::string_view target) {
    IssuedCode code = TRY(issue_code(db, instance, sealer, user.id, kind, target));
    const std::string body = store::EventBody()
                                 .add("to", target)
                                 .add("userId", user.public_id)
                                 .add("orgId", user.org_id)
                                 .add("userName", user.name)
                                 .add("displayName", user.display_name())
                                 .add("language", user.human() ? std::string_view(user.human()->profile.language) : std::string_view())
                                 .add("codeId", code.id)
                                 .add("code", code.code.reveal())
                                 .take();
    const std::int64_t id = db.new_id();
    const std::string sealed = sealer.seal(crypto::Place("messages", id, "body"), body);
    TRY(store::enqueue(db, instance,
                       {.id = id, .user = user.id, .kind = message_kind(kind), .dedupe_key = {}, .sealed_body = sealed, .not_before = {}}));
    return code;
}

}  // namespace godwit::user
