// Demonstrating proof of possession (RFC 9449): a client shows with each request that it holds the key which its tokens are bound to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::oidc {

struct Services;

/// How old a proof may be that names no nonce, and how far the client's clock may be ahead.
inline constexpr std::chrono::seconds kDpopAge{60}, kDpopSkew{10};
/// How long a nonce is good; a new one is given out half as often.
inline constexpr std::chrono::minutes kDpopNonceTime{10};

/// A proof, made with one of http::kProofAlgorithms, whose signature is right under the key that it brings; what it is for is not looked at
/// yet.
struct DpopProof {
    std::string jkt;  ///< thumbprint of the key (RFC 7638, SHA-256, base64url)
    std::string jti, htm, htu, ath, nonce;
    std::int64_t iat = 0;
};
/// invalid_dpop_proof when it is none (section 4.3, steps 2 to 7): typ, algorithm, a public key, the signature, the claims.
Result<DpopProof> parse_dpop_proof(std::string_view text);

/// Whether `htu` names `url`, but for query and fragment, the case of scheme and host, and a port that goes without saying (step 9).
bool names_url(std::string_view htu, std::string_view url);

/// Proofs of requests to one instance. Any thread.
class DpopProofs {
public:
    DpopProofs(const Services& services, InstanceScope scope) : services_(services), scope_(scope) {}

    static bool has_proof(const http::Request& request);

    /// The thumbprint of the key that a request proves to hold; "" when it brings no proof. `url`: where it was sent, as clients know it;
    /// `access_token`: the one it must be about, "" at the token endpoint. Errors: invalid_dpop_proof (also the second time it comes),
    /// use_dpop_nonce when its nonce is not a fresh one of ours, or it has none and the configuration asks for one.
    Result<std::string> check(const http::Request& request, std::string_view url, std::string_view access_token) const;

    /// For the header DPoP-Nonce of answers to requests with a proof (section 8).
    Result<std::string> nonce() const;
    void add_nonce(const http::Request& request, http::Response& response) const;

private:
    Result<std::string> nonce_of(std::int64_t step) const;
    Result<void> check_time(const DpopProof& proof) const;
    Result<void> check_first_use(const DpopProof& proof) const;

    const Services& services_;
    InstanceScope scope_;
};

}  // namespace godwit::oidc
