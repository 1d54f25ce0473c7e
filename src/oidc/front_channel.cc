#include "oidc/front_channel.h"

#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/clients.h"
#include "oidc/issuer_table.h"
#include "oidc/lifetimes.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

Result<Family> begin(const Services& services, InstanceScope scope, Family wanted) {
    wanted.refreshable = false;
    const auto sealer = TRY(services.sealers.of(scope));
    const auto lifetimes = TRY(lifetimes_of(services, scope));
    return services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Family> {
        Family family = wanted;
        TRY(begin_family(db, scope, *sealer, lifetimes, family));
        return family;
    });
}

}  // namespace

Result<QueryParameters> front_channel_tokens(const Services& services, const TokenIssuer& token_issuer, const IssuerTable& issuers,
                                             InstanceScope scope, const SignedIn& who, std::string_view code) {
    const auto& response = who.asked.response;
    const auto issuer = TRY(issuers.named(scope, who.asked.issuer));
    const auto lifetimes = TRY(lifetimes_of(services, scope));
    const auto now = services.clock.now();
    auto family = TRY(family_for(Clients(services), scope, who));
    if (response.token) family = TRY(begin(services, scope, std::move(family)));
    auto wanted = issuance_for(who, family);
    std::erase(wanted.scopes, scope::kOfflineAccess);
    wanted.nonce = who.asked.nonce;

    QueryParameters out;
    std::string access_token;
    if (response.token) {
        access_token = TRY(token_issuer.access_token(issuer, wanted, {now, lifetimes.access_token}));
        out.emplace_back("access_token", access_token);
        out.emplace_back("token_type", "Bearer");
        out.emplace_back("expires_in", std::to_string(lifetimes.access_token.count()));
    }
    if (response.id_token) {
        // OpenID Connect Core section 5.4: where no access token is issued, the claims of the scopes are in the id_token.
        if (!response.token && !response.code) wanted.id_token_userinfo = true;
        out.emplace_back("id_token", TRY(token_issuer.id_token(issuer, wanted, {now, lifetimes.id_token},
                                                               {.access_token = access_token, .code = code, .state = who.asked.state})));
    }
    return out;
}

}  // namespace godwit::oidc
