#include "oidc/dpop.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/json_parser.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/json_reader.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
#include "store/store.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {
namespace {

constexpr std::string_view kHeader = "dpop";
constexpr std::size_t kMaxProofBytes = 8 << 10;
constexpr std::size_t kMaxJtiBytes = 500;
constexpr std::int64_t kProof = 2;  // seen_once.kind

const std::vector<crypto::Algorithm>& algorithms() {
    static const auto known = [] {
        std::vector<crypto::Algorithm> out;
        for (const auto name : http::kProofAlgorithms) out.push_back(crypto::parse_algorithm(name).value());
        return out;
    }();
    return known;
}

auto refuse(std::string_view why) { return oauth_fail(kInvalidDpopProof, why); }

/// The `jwk` of the proof's header: public, and nothing else (step 7: "the private key is not contained").
Result<crypto::PublicKey> read_key(std::string_view text) {
    const auto header = base64_decode(text.substr(0, text.find('.')), Base64::url);
    JsonParser parser;
    simdjson::dom::object members, jwk;
    if (!header || parser.parse_object(*header, members) != simdjson::SUCCESS) return refuse("the proof cannot be read");
    if (members["jwk"].get(jwk) != simdjson::SUCCESS) return refuse("the proof has no jwk");
    crypto::JwkParameters parameters;
    for (const auto [name, value] : jwk) {
        for (const std::string_view secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
            if (name == secret) return refuse("the proof's jwk holds a private key: make a new key, this one is known now");
        for (auto [known, into] : {std::pair{"kty", &parameters.kty},
                                   {"crv", &parameters.crv},
                                   {"n", &parameters.n},
                                   {"e", &parameters.e},
                                   {"x", &parameters.x},
                                   {"y", &parameters.y}}) {
            std::string_view member;
            if (name != known) continue;
            if (value.get(member) != simdjson::SUCCESS || !into->empty()) return refuse("the proof's jwk cannot be read");
            *into = member;
        }
    }
    auto key = crypto::PublicKey::from_jwk(parameters);
    if (!key) return refuse("the proof's jwk cannot be read");
    return *std::move(key);
}

/// "https://host:port/path" in its one spelling; "" for what is no http URL.
std::string plain_url(std::string_view url) {
    const auto parts = parse_url(url.substr(0, url.find_first_of("?#")));
    if (!parts || !parts->userinfo.empty()) return {};
    const auto scheme = to_ascii_lower(parts->scheme), host = to_ascii_lower(parts->host);
    if (scheme != "http" && scheme != "https") return {};
    const bool usual = parts->port.empty() || parts->port == (scheme == "https" ? "443" : "80");
    return scheme + "://" + host + (usual ? "" : ":" + parts->port) + (parts->path.empty() ? "/" : parts->path);
}

}  // namespace

Result<DpopProof> parse_dpop_proof(std::string_view text) {
    if (text.size() > kMaxProofBytes) return refuse("the proof is too long");
    const auto unverified = crypto::parse_unverified_jwt(text);
    if (!unverified) return refuse("the proof cannot be read");
    if (unverified->typ != "dpop+jwt") return refuse("the proof's typ is not dpop+jwt");
    const auto key = TRY(read_key(text));
    const auto jwt = crypto::verify_jwt(text, algorithms(), [&](const crypto::Jwt&) { return std::optional(key); });
    if (!jwt) return refuse("the proof's signature is wrong, or made with an algorithm that is not supported");
    auto claims = read_claims(jwt->payload);
    if (!claims) return refuse("the proof's claims cannot be read");
    if (claims->jti.empty() || claims->htm.empty() || claims->htu.empty() || !claims->iat)
        return refuse("a proof has jti, htm, htu and iat");
    if (claims->jti.size() > kMaxJtiBytes) return refuse("the proof's jti is too long");
    return DpopProof{.jkt = key.thumbprint(),
                     .jti = std::move(claims->jti),
                     .htm = std::move(claims->htm),
                     .htu = std::move(claims->htu),
                     .ath = std::move(claims->ath),
                     .nonce = std::move(claims->nonce),
                     .iat = *claims->iat};
}

bool names_url(std::string_view htu, std::string_view url) {
    const auto named = plain_url(htu);
    return !named.empty() && named == plain_url(url);
}

bool DpopProofs::has_proof(const http::Request& request) { return request.headers.find(kHeader) != nullptr; }

Result<std::string> DpopProofs::check(const http::Request& request, std::string_view url, std::string_view access_token) const {
    const auto proofs = std::ranges::count(request.headers, kHeader, [](const auto& field) { return std::string_view(field.first); });
    if (proofs == 0) return std::string();
    // Section 4.3, the numbers are its steps. (1)
    if (proofs > 1) return refuse("there is more than one DPoP header");
    const auto proof = TRY(parse_dpop_proof(request.headers.get(kHeader)));
    if (proof.htm != request.method) return refuse("the proof's htm is not the method of the request");  // (8)
    if (!names_url(proof.htu, url)) return refuse("the proof's htu is not the address of the request");  // (9)
    TRY(check_time(proof));                                                                              // (10), (11)
    const auto ath = access_token.empty() ? std::string() : base64_encode(crypto::sha256(access_token), Base64::url);
    if (!access_token.empty() && proof.ath != ath) return refuse("the proof's ath is not that of the access token");  // (12)
    TRY(check_first_use(proof));
    return proof.jkt;
}

Result<void> DpopProofs::check_time(const DpopProof& proof) const {
    const auto now = services_.clock.now().seconds();
    if (proof.nonce.empty()) {
        if (services_.rules.dpop_nonce_required) return oauth_fail(kUseDpopNonce, "a proof must have the nonce of the header DPoP-Nonce");
        if (proof.iat > now + kDpopSkew.count()) return refuse("the proof is from the future; compare the clocks, or use the nonce");
        if (proof.iat < now - kDpopAge.count()) return refuse("the proof is too old; make one for each request");
        return {};
    }
    // Section 11.1: with a nonce of ours the client's clock does not matter.
    const auto step = now / (std::chrono::seconds(kDpopNonceTime) / 2).count();
    for (const auto good : {step, step - 1})
        if (crypto::constant_time_equals(TRY(nonce_of(good)), proof.nonce)) return {};
    return oauth_fail(kUseDpopNonce, "the nonce of the proof is over; use the one of the header DPoP-Nonce");
}

Result<void> DpopProofs::check_first_use(const DpopProof& proof) const {
    const auto hash = crypto::sha256(proof.jkt + '\0' + proof.jti);
    const auto until = services_.clock.now() + (proof.nonce.empty() ? kDpopAge + 2 * kDpopSkew : std::chrono::seconds(kDpopNonceTime));
    const auto fresh = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(scope_, "INSERT INTO seen_once (instance_no, kind, hash, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                       {kProof, store::Blob{hash}, until});
    }));
    if (fresh == 0) return refuse("the proof has been used before");
    return {};
}

Result<std::string> DpopProofs::nonce_of(std::int64_t step) const {
    const auto sealer = TRY(services_.sealers.of(scope_));
    const auto key = sealer->subkey("dpop nonce");
    return base64_encode(crypto::hmac_sha256(key.reveal(), std::to_string(step)), Base64::url);
}

Result<std::string> DpopProofs::nonce() const {
    return nonce_of(services_.clock.now().seconds() / (std::chrono::seconds(kDpopNonceTime) / 2).count());
}

void DpopProofs::add_nonce(const http::Request& request, http::Response& response) const {
    if (!has_proof(request)) return;
    if (const auto fresh = nonce()) response.headers.set("dpop-nonce", *fresh);
}

}  // namespace godwit::oidc
