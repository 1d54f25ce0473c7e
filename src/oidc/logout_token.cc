#include "oidc/logout_token.h"

#include "base/json.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "directory/key/signing_keys.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

constexpr std::chrono::minutes kGoodFor{2};
constexpr std::string_view kEvent = "http://schemas.openid.net/event/backchannel-logout";

}  // namespace

Result<std::string> make_logout_token(const Services& services, const Issuer& issuer, std::string_view client_id,
                                      const session::Client& ended, Time now) {
    const auto key = TRY(services.signing_keys.active(issuer.scope, issuer.key));
    JsonObject events;
    events.set(kEvent, JsonObject());
    JsonObject out;
    out.set("iss", issuer.name);
    out.set("sub", ended.subject);
    out.set("aud", std::vector{std::string(client_id)});
    out.set("iat", now.seconds());
    out.set("exp", (now + kGoodFor).seconds());
    out.set("jti", crypto::random_token());
    out.set("events", events);
    out.set("sid", std::to_string(ended.session.key));
    // Section 2.4: "A Logout Token MUST NOT contain a nonce Claim", so that none is taken for an id_token; `typ` says it once more.
    return crypto::encode_jwt(key->key, key->algorithm, key->kid, "logout+jwt", out.text());
}

}  // namespace godwit::oidc
