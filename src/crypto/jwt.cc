#include "crypto/jwt.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/json_parser.h"
#include "base/text.h"

namespace godwit::crypto {
namespace {

constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kLongestHeader = 4 * 1024;

std::unexpected<Error> malformed(std::string_view message) { return fail(Code::invalid_argument, "CRYPTO-Jw3tm", message); }
std::unexpected<Error> refused(std::string_view message) { return fail(Code::unauthenticated, "CRYPTO-Jw7tv", message); }

struct Parts {
    std::string_view header, payload, signature, signed_part;
};

Result<Parts> split_token(std::string_view token) {
    const auto parts = split(token, '.');
    if (token.size() > kLongestToken || parts.size() != 3) return malformed("This is not a compact JWS of three parts.");
    return Parts{parts[0], parts[1], parts[2], token.substr(0, parts[0].size() + 1 + parts[1].size())};
}

/// The text of a header member; an empty one when it is absent.
Result<std::string> text_member(const simdjson::dom::object& header, std::string_view name) {
    const auto member = header[name];
    if (member.error() == simdjson::NO_SUCH_FIELD) return std::string();
    std::string_view text;
    if (member.get(text) != simdjson::SUCCESS) return malformed("A member of the token's header is not a string.");
    return std::string(text);
}

Result<Jwt> read_header(std::string_view json) {
    if (json.size() > kLongestHeader) return malformed("The token's header is too long.");
    JsonParser parser;
    simdjson::dom::object header;
    if (parser.parse_object(json, header) != simdjson::SUCCESS) return malformed("The token's header is not a JSON object.");
    std::set<std::string_view> seen;
    for (const auto field : header)
        // RFC 7515 section 4: names must be unique; two readers of one header must not see two algorithms.
        if (!seen.insert(field.key).second) return malformed("The token's header has a member twice.");
    // Section 4.1.11: what is critical and not understood must be refused. Nothing that may stand there is understood here.
    if (seen.contains("crit")) return malformed("The token's header has critical members.");
    const auto algorithm = parse_algorithm(TRY(text_member(header, "alg")));
    if (!algorithm) return malformed("The token's algorithm is not supported.");
    return Jwt{.algorithm = *algorithm, .kid = TRY(text_member(header, "kid")), .typ = TRY(text_member(header, "typ")), .payload = {}};
}

}  // namespace

Result<std::string> encode_jwt(const PrivateKey& key, Algorithm algorithm, std::string_view kid, std::string_view typ,
                               std::string_view payload) {
    std::string header = R"({"alg":")" + std::string(name_of(algorithm)) + '"';
    if (!kid.empty()) header += R"(,"kid":)" + json_string(kid);
    if (!typ.empty()) header += R"(,"typ":)" + json_string(typ);
    header += "}";
    std::string token = base64_encode(header, Base64::url) + "." + base64_encode(payload, Base64::url);
    const std::string signature = TRY(key.sign(algorithm, token));
    return token + "." + base64_encode(signature, Base64::url);
}

Result<Jwt> parse_unverified_jwt(std::string_view token) {
    const Parts parts = TRY(split_token(token));
    const auto header = base64_decode(parts.header, Base64::url);
    auto payload = base64_decode(parts.payload, Base64::url);
    if (!header || !payload || !base64_decode(parts.signature, Base64::url)) return malformed("A part of the token is not base64url.");
    Jwt jwt = TRY(read_header(*header));
    jwt.payload = *std::move(payload);
    return jwt;
}

Result<Jwt> verify_jwt(std::string_view token, std::span<const Algorithm> allowed, const KeyLookup& find_key) {
    Jwt jwt = TRY(parse_unverified_jwt(token));
    if (std::ranges::find(allowed, jwt.algorithm) == allowed.end())
        return refused("The token is signed with an algorithm that is not allowed here.");
    const auto key = find_key(jwt);
    if (!key) return refused("The token is signed with a key that is not known here.");
    const Parts parts = TRY(split_token(token));
    if (!key->verify(jwt.algorithm, parts.signed_part, *base64_decode(parts.signature, Base64::url)))
        return refused("The token's signature is wrong.");
    return jwt;
}

}  // namespace godwit::crypto
