// DPoP proofs (RFC 9449) are read before anyone is known: nothing that was not signed by the key it brings is one, and an address is
// named by itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/jwt.h"
#include "oidc/dpop.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto proof = oidc::parse_dpop_proof(text)) {
        const auto jwt = crypto::parse_unverified_jwt(text);
        if (!jwt || jwt->typ != "dpop+jwt" || proof->jkt.size() != 43 || proof->jti.empty() || proof->htm.empty()) std::abort();
    }
    const auto half = text.substr(0, text.find('\n')), rest = text.substr(half.size());
    if (oidc::names_url(half, rest) != oidc::names_url(rest, half)) std::abort();
    if (oidc::names_url(half, "https://id.example/oauth/v2/token") && half.size() < 11) std::abort();
    return 0;
}
