#include "oidc/token_families.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/sealer.h"
#include "oidc/services.h"
#include "store/event_body.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr char kFormat = 2;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kTextBytes = 1 + 8 + 8 + kSecretBytes;

void append_number(std::string& out, std::int64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
}

std::int64_t read_number(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

/// The secret of one generation under one data key.
std::string derive(std::string_view key, InstanceScope scope, std::int64_t family, std::int64_t generation) {
    std::string message;
    append_number(message, scope.no().value);
    append_number(message, family);
    append_number(message, generation);
    return crypto::hmac_sha256(key, message);
}

std::string first_secret(const crypto::Sealer& sealer, InstanceScope scope, std::int64_t family, std::int64_t generation) {
    return derive(sealer.subkey("refresh token").reveal(), scope, family, generation);
}

/// The secret whose hash is stored, also when the data key has been rotated since.
std::optional<std::string> find_secret(const crypto::Sealer& sealer, InstanceScope scope, std::int64_t family, std::int64_t generation,
                                       std::string_view sha256) {
    for (const auto no : sealer.key_numbers()) {
        const auto key = sealer.subkey_of(no, "refresh token");
        if (!key) continue;
        auto secret = derive(key->reveal(), scope, family, generation);
        if (crypto::constant_time_equals(crypto::sha256(secret), sha256)) return secret;
    }
    return std::nullopt;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (const auto word : split_words(text)) out.emplace_back(word);
    return out;
}

struct Stored {
    Family family;
    std::string secret_sha256, previous_sha256;
    std::optional<Time> previous_until;
};

Result<std::optional<Stored>> read_family(store::Reader& db, InstanceScope scope, std::int64_t id) {
    std::optional<Stored> found;
    TRY(db.query(scope,
                 "SELECT user_id, session_id, app_id, project_id, scopes, audience, auth_time, amr, generation, created_at, idle_until, "
                 "absolute_until, revoked_at, secret_sha256, prev_sha256, prev_until, claims, jkt FROM token_families WHERE instance_no = "
                 "?1 AND id = ?2",
                 {id}, [&](const store::Row& row) {
                     found.emplace();
                     auto& family = found->family;
                     family.id = id;
                     family.user = row.id<UserId>(0);
                     family.session = row.id<SessionId>(1);
                     family.app = row.id<AppId>(2);
                     family.project = row.id<ProjectId>(3);
                     family.scopes = parse_scopes(row.text(4));
                     family.audience = words(row.text(5));
                     family.auth_time = row.time(6);
                     family.amr = words(row.text(7));
                     family.generation = row.i64(8);
                     family.created = row.time(9);
                     family.idle_until = row.time(10);
                     family.absolute_until = row.time(11);
                     family.revoked = !row.null(12);
                     found->secret_sha256 = row.blob(13);
                     family.refreshable = !found->secret_sha256.empty();
                     found->previous_sha256 = row.blob(14);
                     found->previous_until = row.maybe_time(15);
                     family.claims = row.text(16);
                     family.jkt = row.text(17);
                 }));
    return found;
}

Result<void> note(store::Writer& db, InstanceScope scope, const Family& family, std::string_view type) {
    return db.append(scope, store::Event{.aggregate_kind = "oidc_session",
                                         .aggregate_id = family.id,
                                         .type = type,
                                         .editor = family.user.key,
                                         .editor_service = "OIDC",
                                         .body = "{}"});
}

}  // namespace

std::optional<RefreshToken> RefreshToken::parse(std::string_view text) {
    const auto bytes = base64_decode(text, Base64::url);
    if (!bytes || bytes->size() != kTextBytes || bytes->front() != kFormat) return std::nullopt;
    const std::string_view rest = std::string_view(*bytes).substr(1);
    return RefreshToken{read_number(rest), read_number(rest.substr(8)), std::string(rest.substr(16))};
}

std::string RefreshToken::text() const {
    std::string bytes(1, kFormat);
    append_number(bytes, family);
    append_number(bytes, generation);
    bytes += secret;
    return base64_encode(bytes, Base64::url);
}

Result<std::string> begin_family(store::Writer& db, InstanceScope scope, const crypto::Sealer& sealer, const Lifetimes& lifetimes,
                                 Family& family) {
    family.id = db.new_id();
    family.generation = 1;
    family.created = db.now();
    // Without refresh tokens the row lives as long as the access token it can revoke.
    family.idle_until = db.now() + (family.refreshable ? lifetimes.refresh_token_idle : lifetimes.access_token);
    family.absolute_until = db.now() + (family.refreshable ? lifetimes.refresh_token_absolute : lifetimes.access_token);
    const auto secret = family.refreshable ? first_secret(sealer, scope, family.id, family.generation) : std::string();
    const auto hash = family.refreshable ? crypto::sha256(secret) : std::string();
    const auto scopes = format_scopes(family.scopes), audience = join(family.audience, " "), amr = join(family.amr, " ");
    TRY(db.exec(scope,
                "INSERT INTO token_families (instance_no, id, user_id, session_id, app_id, project_id, scopes, audience, auth_time, amr, "
                "generation, secret_sha256, created_at, idle_until, absolute_until, claims, jkt) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                {family.id, family.user, family.session, family.app, family.project, scopes, audience, family.auth_time, amr,
                 family.generation, store::Blob{hash}, family.created, family.idle_until, family.absolute_until, family.claims,
                 family.jkt.empty() ? std::nullopt : std::optional(std::string_view(family.jkt))}));
    TRY(note(db, scope, family, "oidc_session.added"));
    return family.refreshable ? RefreshToken{family.id, family.generation, secret}.text() : std::string();
}

Result<std::optional<Family>> find_family(store::Reader& db, InstanceScope scope, std::int64_t id) {
    auto found = TRY(read_family(db, scope, id));
    return found ? std::optional(std::move(found->family)) : std::nullopt;
}

bool is_genuine(const crypto::Sealer& sealer, InstanceScope scope, const RefreshToken& token) {
    return find_secret(sealer, scope, token.family, token.generation, crypto::sha256(token.secret)).has_value();
}

Result<Rotation> rotate_family(store::Writer& db, InstanceScope scope, const crypto::Sealer& sealer, const Lifetimes& lifetimes,
                               const RefreshToken& token, AppId client) {
    using enum Rotation::Outcome;
    auto stored = TRY(read_family(db, scope, token.family));
    if (!stored || stored->family.revoked || !stored->family.refreshable) return Rotation{unknown, {}, {}};
    auto& family = stored->family;
    const auto hash = crypto::sha256(token.secret);
    const auto now = db.now();

    const bool current = token.generation == family.generation && crypto::constant_time_equals(hash, stored->secret_sha256);
    const bool previous = token.generation + 1 == family.generation && crypto::constant_time_equals(hash, stored->previous_sha256);
    if (!current && !previous) {
        // Only who once held a token of this family can name one of its secrets: a guess ends nothing.
        if (token.generation >= family.generation || !is_genuine(sealer, scope, token)) return Rotation{unknown, {}, {}};
        TRY(revoke_family(db, scope, family.id, "refresh token reused"));
        return Rotation{reused, {}, {}};
    }
    if (family.app != client) return Rotation{other_client, {}, {}};
    if (now >= family.idle_until || now >= family.absolute_until) return Rotation{expired, {}, {}};
    if (previous) {
        if (!stored->previous_until || now > *stored->previous_until) {
            TRY(revoke_family(db, scope, family.id, "refresh token reused"));
            return Rotation{reused, {}, {}};
        }
        auto secret = find_secret(sealer, scope, family.id, family.generation, stored->secret_sha256);
        if (!secret) return Rotation{expired, {}, {}};
        auto text = RefreshToken{family.id, family.generation, *std::move(secret)}.text();
        return Rotation{renewed, std::move(family), std::move(text)};
    }

    const auto next = family.generation + 1;
    const auto secret = first_secret(sealer, scope, family.id, next);
    const auto next_hash = crypto::sha256(secret);
    family.idle_until = std::min(now + lifetimes.refresh_token_idle, family.absolute_until);
    const auto changed =
        TRY(db.exec(scope,
                    "UPDATE token_families SET generation = ?3, secret_sha256 = ?4, prev_sha256 = ?5, prev_until = ?6, "
                    "idle_until = ?7 WHERE instance_no = ?1 AND id = ?2 AND generation = ?8 AND revoked_at IS NULL",
                    {family.id, next, store::Blob{next_hash}, store::Blob{hash}, now + kRetryTime, family.idle_until, family.generation}));
    // Another node refreshed at this very moment: look again, as the retry that this then is.
    if (changed == 0) return rotate_family(db, scope, sealer, lifetimes, token, client);
    family.generation = next;
    TRY(note(db, scope, family, "oidc_session.refresh_token.renewed"));
    return Rotation{renewed, std::move(family), RefreshToken{token.family, next, secret}.text()};
}

Result<void> revoke_family(store::Writer& db, InstanceScope scope, std::int64_t id, std::string_view reason) {
    const auto changed = TRY(
        db.exec(scope, "UPDATE token_families SET revoked_at = ?3, reason = ?4 WHERE instance_no = ?1 AND id = ?2 AND revoked_at IS NULL",
                {id, db.now(), reason}));
    if (changed == 0) return {};
    Family family;
    family.id = id;
    return note(db, scope, family, "oidc_session.revoked");
}

}  // namespace godwit::oidc
