#include "oidc/possession.h"

#include "oidc/dpop.h"
#include "oidc/oauth_error.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {

Result<void> check_possession(const Services& services, InstanceScope scope, const http::ShownToken& shown, std::string_view jkt,
                              const http::Request* request, std::string_view url) {
    const auto refuse = [](std::string_view name, std::string_view why) { return oauth_fail(name, why, Code::unauthenticated); };
    const bool by_dpop = shown.scheme == http::TokenScheme::dpop;
    if (jkt.empty() != !by_dpop) {
        return refuse(kInvalidToken, by_dpop ? "the access token is bound to no key: it comes by the scheme Bearer"
                                             : "the access token is bound to a key: it comes by the scheme DPoP, with a proof");
    }
    if (!by_dpop || !request) return {};
    const auto proved = DpopProofs(services, scope).check(*request, url, shown.token);
    if (!proved && proved.error().code == Code::invalid_argument) return refuse(proved.error().id, proved.error().message);
    if (!proved) return std::unexpected(proved.error());
    if (proved->empty()) return refuse(kInvalidDpopProof, "the header DPoP is missing");
    if (*proved != jkt) return refuse(kInvalidToken, "the proof is of another key than the access token's");
    return {};
}

}  // namespace godwit::oidc
