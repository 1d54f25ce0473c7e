#include "oidc/device_requests.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/issuer.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr std::int64_t kDevice = 4;  // auth_requests.kind
const crypto::Place kPlace("auth_requests", "", "device");
constexpr std::string_view kPrefix = "device_";

/// RFC 8628 section 6.1: no vowels, so no words; nothing that looks like another. 20^8 codes are 34.5 bits.
constexpr std::string_view kLetters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kHalf = 4;
constexpr int kMostTries = 5;

/// A device's clock and the network between are not exact.
constexpr std::chrono::seconds kTolerance{1};

std::string random_user_code() {
    std::string out;
    while (out.size() < 2 * kHalf + 1) {
        if (out.size() == kHalf) out += '-';
        const auto byte = static_cast<unsigned char>(crypto::random_bytes(1)[0]);
        // 240 is the largest multiple of 20 in a byte: above it some letters would be likelier.
        if (byte < 240) out += kLetters[byte % kLetters.size()];
    }
    return out;
}

/// How a device has asked so far, as it is kept in auth_requests.progress.
struct Pace {
    std::chrono::seconds interval = kPollInterval;
    std::optional<Time> last;

    static Pace parse(std::string_view text) {
        Pace out;
        const auto halves = split_once(text, ' ');
        const auto seconds = halves ? parse_number<std::int64_t>(halves->first) : std::nullopt;
        const auto last = halves ? parse_number<std::int64_t>(halves->second) : std::nullopt;
        if (seconds && last) out = {std::chrono::seconds(*seconds), Time{*last}};
        return out;
    }
    std::string text() const { return std::to_string(interval.count()) + " " + std::to_string(last ? last->micros : 0); }
};

constexpr std::string_view kColumns =
    "SELECT id, app_id, body, created_at, expires_at, session_id, code_used_at, user_code, version FROM auth_requests "
    "WHERE instance_no = ?1 AND kind = 4 AND ";

struct Found {
    AuthRequest request;
    std::string body;
};

Result<std::optional<AuthRequest>> find_one(const Services& services, InstanceScope scope, std::string_view condition, store::Params with) {
    std::optional<Found> found;
    TRY(services.store.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(scope, std::string(kColumns) + std::string(condition), with, [&](const store::Row& row) {
            auto& [request, body] = found.emplace();
            request.key = row.i64(0);
            request.app = row.id<AppId>(1);
            body = row.blob(2);
            request.created = request.changed = row.time(3);
            request.expires = row.time(4);
            request.handled = row.i64(5) != 0 || !row.null(6);
            request.user_code = row.text(7);
            request.version = row.i64(8);
        });
    }));
    if (!found || found->request.expires <= services.clock.now()) return std::nullopt;
    found->request.request = TRY(AuthorizeRequest::decode(found->body));
    return std::move(found->request);
}

}  // namespace

std::string normal_user_code(std::string_view typed) {
    std::string out;
    for (const char c : to_ascii_upper(typed)) {
        if (c == '-' || c == ' ') continue;
        if (kLetters.find(c) == kLetters.npos || out.size() > 2 * kHalf) return {};
        if (out.size() == kHalf) out += '-';
        out += c;
    }
    return out.size() == 2 * kHalf + 1 ? out : std::string();
}

Result<DeviceRequests::Begun> DeviceRequests::begin(const Issuer& issuer, const Client& client, Scopes scopes) {
    AuthorizeRequest asked;
    asked.client_id = client.client_id;
    asked.scopes = std::move(scopes);
    asked.issuer = issuer.name;
    asked.redirect_uri = issuer.pages.device;  // below it our pages go on once the person has signed in
    const auto body = asked.encode();
    Begun out{.device_code = crypto::random_token(), .user_code = {}};
    const auto hash = crypto::sha256(out.device_code);
    for (int tries = 0; tries < kMostTries; ++tries) {
        out.user_code = random_user_code();
        const auto made = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
            return db.exec(
                issuer.scope,
                "INSERT INTO auth_requests (instance_no, id, kind, app_id, body, code_sha256, code_expires_at, user_code, "
                "created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?7) ON CONFLICT DO NOTHING",
                {db.new_id(), kDevice, client.app, store::Blob{body}, store::Blob{hash}, db.now() + kDeviceTime, out.user_code, db.now()});
        }));
        if (made == 1) return out;
    }
    return fail(Code::unavailable, "OIDC-Dev01", "no free user code was found; try again");
}

Result<std::optional<AuthRequest>> DeviceRequests::find_waiting(InstanceScope scope, std::string_view user_code) {
    auto found = TRY(find_one(services_, scope, "user_code = ?2", {user_code}));
    if (!found || found->handled) return std::nullopt;
    const auto sealer = TRY(services_.sealers.of(scope));
    found->id = std::string(kPrefix) + base64_encode(sealer->seal(kPlace, std::to_string(found->key)), Base64::url);
    return found;
}

Result<std::optional<AuthRequest>> DeviceRequests::find(InstanceScope scope, std::string_view id) {
    if (!id.starts_with(kPrefix)) return std::nullopt;
    const auto sealed = base64_decode(id.substr(kPrefix.size()), Base64::url);
    if (!sealed) return std::nullopt;
    const auto opened = TRY(services_.sealers.of(scope))->open(kPlace, *sealed);
    const auto key = opened ? parse_number<std::int64_t>(opened->reveal()) : std::nullopt;
    if (!key) return std::nullopt;
    auto found = TRY(find_one(services_, scope, "id = ?2", {*key}));
    if (found) found->id = id;  // forms are bound to it: sealed anew it would be another
    return found;
}

Result<bool> DeviceRequests::allow(InstanceScope scope, const AuthRequest& request, const session::Session& session) {
    const auto changed = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(scope,
                       "UPDATE auth_requests SET session_id = ?3, user_id = ?4, version = version + 1 WHERE instance_no = ?1 AND id = ?2 "
                       "AND session_id = 0 AND code_used_at IS NULL AND expires_at > ?5",
                       {request.key, session.id, session.user, db.now()});
    }));
    return changed == 1;
}

Result<bool> DeviceRequests::deny(InstanceScope scope, const AuthRequest& request) {
    const auto changed = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(scope,
                       "UPDATE auth_requests SET code_used_at = ?3, version = version + 1 WHERE instance_no = ?1 AND id = ?2 "
                       "AND session_id = 0 AND code_used_at IS NULL",
                       {request.key, db.now()});
    }));
    return changed == 1;
}

Result<DeviceRequests::Poll> DeviceRequests::poll(InstanceScope scope, AppId client, std::string_view device_code) {
    const auto hash = crypto::sha256(device_code);
    Poll out;
    Pace pace;
    std::string body;
    TRY(services_.store.read(store::Database::runtime, [&](store::Reader& db) {
        return db.query(scope,
                        "SELECT id, session_id, user_id, body, code_expires_at, code_used_at, family_id, progress FROM auth_requests "
                        "WHERE instance_no = ?1 AND code_sha256 = ?2 AND kind = ?3 AND app_id = ?4",
                        {store::Blob{hash}, kDevice, client}, [&](const store::Row& row) {
                            out.code = {.request = row.i64(0),
                                        .app = client,
                                        .session = row.id<SessionId>(1),
                                        .user = row.id<UserId>(2),
                                        .asked = {},
                                        .expires = row.time(4),
                                        .used = !row.null(5),
                                        .family = row.i64(6)};
                            body = row.blob(3);
                            pace = Pace::parse(row.blob(7));
                        });
    }));
    if (out.code.request == 0) return out;
    using enum Poll::State;
    const auto now = services_.clock.now();
    const bool decided = out.code.session.key != 0;
    out.state = decided ? allowed : out.code.used ? denied : now >= out.code.expires ? expired : waiting;
    if (decided) out.code.asked = TRY(AuthorizeRequest::decode(body));
    if (out.state == allowed && !out.code.used && now >= out.code.expires) out.state = expired;
    if (out.state != waiting) return out;

    if (pace.last && now - *pace.last + kTolerance < pace.interval) {
        pace.interval += kPollInterval;
        out.state = too_fast;
    }
    pace.last = now;
    const auto progress = pace.text();
    TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(scope, "UPDATE auth_requests SET progress = ?3 WHERE instance_no = ?1 AND id = ?2",
                       {out.code.request, store::Blob{progress}});
    }));
    return out;
}

}  // namespace godwit::oidc
