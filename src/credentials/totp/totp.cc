#include "credentials/totp/totp.h"

#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/compare.h"
#include "crypto/random.h"

namespace godwit::totp {
namespace {

constexpr std::size_t kLongestKey = 1024;
constexpr std::size_t kLongestText = 4096;
constexpr std::array<std::pair<std::string_view, crypto::Hash>, 3> kHashes = {
    {{"SHA1", crypto::Hash::sha1}, {"SHA256", crypto::Hash::sha256}, {"SHA512", crypto::Hash::sha512}}};

/// "SHA1", also as "sha-1" and "HmacSHA1", which some systems export.
std::optional<crypto::Hash> parse_hash(std::string_view text) {
    std::string name = replace_all(to_ascii_upper(text), "-", "");
    if (name.starts_with("HMAC")) name.erase(0, 4);
    for (const auto& [known, hash] : kHashes)
        if (name == known) return hash;
    return std::nullopt;
}

/// False when one of the parameters is there and cannot be used.
bool read_parameters(const QueryParameters& query, Parameters& parameters) {
    if (const auto text = find_parameter(query, "algorithm")) {
        const auto hash = parse_hash(*text);
        if (!hash) return false;
        parameters.hash = *hash;
    }
    if (const auto text = find_parameter(query, "digits")) {
        const auto digits = parse_number<int>(*text);
        if (!digits || *digits < 6 || *digits > 8) return false;
        parameters.digits = *digits;
    }
    if (const auto text = find_parameter(query, "period")) {
        const auto period = parse_number<int>(*text);
        if (!period || *period < 1 || *period > 3600) return false;
        parameters.period = std::chrono::seconds(*period);
    }
    return true;
}

}  // namespace

std::optional<Secret> read_key(std::string_view base32) {
    if (base32.size() > kLongestText) return std::nullopt;
    auto bytes = base32_decode_lenient(base32);
    if (!bytes || bytes->size() > kLongestKey) return std::nullopt;
    return Secret(*std::move(bytes));
}

std::optional<Key> parse_otpauth(std::string_view uri) {
    if (uri.size() > kLongestText) return std::nullopt;
    const auto url = parse_url(replace_all(trim(uri), " ", "%20"));  // labels are often left unescaped
    if (!url || url->scheme != "otpauth" || url->host != "totp") return std::nullopt;
    const auto query = parse_query(url->query);
    const auto label = percent_decode(url->path.empty() ? "" : std::string_view(url->path).substr(1));
    if (!query || !label) return std::nullopt;

    Key key;
    auto bytes = read_key(find_parameter(*query, "secret").value_or(""));
    if (!bytes || !read_parameters(*query, key.parameters)) return std::nullopt;
    key.bytes = *std::move(bytes);
    key.account = trim(*label);
    if (const auto parts = split_once(*label, ':')) {
        key.issuer = trim(parts->first);
        key.account = trim(parts->second);
    }
    if (const auto issuer = find_parameter(*query, "issuer")) key.issuer = *issuer;
    return key;
}

Secret otpauth_uri(const Key& key) {
    const std::string prefix = key.issuer.empty() ? "" : percent_encode(key.issuer) + ":";
    QueryParameters query = {{"secret", base32_encode(key.bytes.reveal())}};
    if (!key.issuer.empty()) query.emplace_back("issuer", key.issuer);
    const Parameters defaults;
    for (const auto& [name, hash] : kHashes)
        if (hash == key.parameters.hash && hash != defaults.hash) query.emplace_back("algorithm", name);
    if (key.parameters.digits != defaults.digits) query.emplace_back("digits", std::to_string(key.parameters.digits));
    if (key.parameters.period != defaults.period) query.emplace_back("period", std::to_string(key.parameters.period.count()));
    return Secret("otpauth://totp/" + prefix + percent_encode(key.account) + "?" + build_query(query));
}

Secret make_key() { return Secret(crypto::random_bytes(20)); }

std::int64_t step_at(const Parameters& parameters, Time time) { return time.seconds() / parameters.period.count(); }

std::string code_at(const Secret& key, const Parameters& parameters, std::int64_t step) {
    std::string counter;
    for (int shift = 56; shift >= 0; shift -= 8) counter.push_back(static_cast<char>((step >> shift) & 0xff));
    const std::string mac = crypto::hmac(parameters.hash, key.reveal(), counter);
    // RFC 4226 section 5.3, step 2: dynamic truncation; the last byte's low nibble says where the 31 bits begin.
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i])); };
    const std::size_t offset = byte(mac.size() - 1) & 15;
    std::uint32_t value = ((byte(offset) & 0x7f) << 24) | (byte(offset + 1) << 16) | (byte(offset + 2) << 8) | byte(offset + 3);
    std::string code;
    for (int i = 0; i < parameters.digits; ++i, value /= 10) code.insert(code.begin(), static_cast<char>('0' + value % 10));
    return code;
}

std::optional<std::int64_t> verify(const Secret& key, const Parameters& parameters, std::string_view code, Time now,
                                   std::optional<std::int64_t> last_used, int window) {
    std::string digits;
    for (const char c : code)
        if (!is_ascii_space(c)) digits.push_back(c);
    std::optional<std::int64_t> matched;
    const std::int64_t current = step_at(parameters, now);
    for (std::int64_t step = current - window; step <= current + window; ++step) {
        const bool equal = crypto::constant_time_equals(code_at(key, parameters, step), digits);
        if (equal && (!last_used || step > *last_used)) matched = step;
    }
    return matched;
}

}  // namespace godwit::totp
