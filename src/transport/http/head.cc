#include "transport/http/head.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/text.h"
#include "transport/http/forwarded.h"

namespace godwit::http {
namespace {

constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxLengthDigits = 20;

std::unexpected<Refusal> bad(std::string_view message) { return std::unexpected(Refusal{.status = 400, .message = std::string(message)}); }

/// The only value of a field that may occur once; nullopt when absent.
std::expected<std::optional<std::string_view>, Refusal> only_value(const Headers& headers, std::string_view name) {
    std::optional<std::string_view> found;
    for (const auto& [field, value] : headers) {
        if (field != name) continue;
        if (found) return bad("the header " + std::string(name) + " is repeated");
        found = value;
    }
    return found;
}

bool is_target_char(char c) { return c > ' ' && c != 0x7f && c != '#'; }

/// Splits "/path?query" into the request; the path of an absolute URI may be empty.
bool set_path(Request& request, std::string_view target) {
    const bool printable = std::ranges::all_of(target, [](char c) { return is_target_char(c) || static_cast<unsigned char>(c) >= 0x80; });
    if (!printable) return false;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    request.query = mark == target.npos ? std::string_view() : target.substr(mark + 1);
    if (request.path.empty()) request.path = "/";
    return request.path.front() == '/';
}

/// RFC 9112 section 3.2. The authority of an absolute-form target is returned; "" for other forms.
std::expected<std::string_view, Refusal> read_target(Request& request, std::string_view target) {
    if (request.method == "CONNECT") return std::unexpected(Refusal{.status = 501, .message = "this server is no proxy"});
    if (target == "*") {
        if (request.method != "OPTIONS") return bad("only OPTIONS can ask about *");
        request.path = "*";
        return "";
    }
    std::string_view authority;
    if (!target.starts_with('/')) {
        const auto scheme_end = target.find("://");
        const auto scheme = target.substr(0, scheme_end);
        if (scheme_end == target.npos || !(equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https"))) {
            return bad("the request target is malformed");
        }
        target.remove_prefix(scheme_end + 3);
        const auto end = std::min(target.find_first_of("/?"), target.size());
        authority = target.substr(0, end);
        if (authority.empty()) return bad("the request target names no host");
        target.remove_prefix(end);
        if (target.starts_with('?')) {
            if (!set_path(request, "/" + std::string(target))) return bad("the request target is malformed");
            return authority;
        }
    }
    if (!set_path(request, target)) return bad("the request target is malformed");
    return authority;
}

std::expected<Authority, Refusal> read_host(const Request& request, std::string_view target_authority, std::string_view authority) {
    const auto header = only_value(request.headers, "host");
    if (!header) return std::unexpected(header.error());
    std::optional<Authority> host;
    const auto agree = [&host](std::string_view text) {
        auto parsed = parse_authority(text);
        if (!parsed || (host && *host != *parsed)) return false;
        host = std::move(parsed);
        return true;
    };
    if (*header && !agree(**header)) return bad("the Host header is malformed");
    if (!authority.empty() && !agree(authority)) return bad(":authority is malformed or differs from Host");
    if (!target_authority.empty() && !agree(target_authority)) return bad("the request target's host is malformed or differs from Host");
    if (host) return *std::move(host);
    if (request.version == Version::http1_0) return Authority{};
    return bad("the request names no host");
}

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= kMaxRequestId && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// RFC 9113 section 8.2.3: HTTP/2 may divide a Cookie into several fields.
void join_cookies(Headers& headers) {
    if (std::ranges::count(headers, "cookie", [](const auto& field) -> std::string_view { return field.first; }) < 2) return;
    std::string joined;
    for (const auto& [name, value] : headers) {
        if (name != "cookie") continue;
        if (!joined.empty()) joined += "; ";
        joined += value;
    }
    headers.set("cookie", joined);
}

}  // namespace

std::expected<Framing, Refusal> read_framing(const Headers& headers, Version version) {
    Framing framing;
    const auto length = only_value(headers, "content-length");
    if (!length) return std::unexpected(length.error());
    if (*length) {
        // Zeros in front are allowed; more of them than a number has digits is somebody looking for a parser that stops early.
        const bool digits = !(*length)->empty() && (*length)->size() <= kMaxLengthDigits && std::ranges::all_of(**length, is_ascii_digit);
        framing.length = parse_number<std::uint64_t>(**length);
        if (!digits || !framing.length) return bad("Content-Length is malformed");
    }
    const auto coding = only_value(headers, "transfer-encoding");
    if (!coding) return std::unexpected(coding.error());
    if (*coding) {
        if (framing.length) return bad("Content-Length and Transfer-Encoding exclude each other");
        if (version != Version::http1_1) return bad("this HTTP version has no Transfer-Encoding");
        if (!equals_ignoring_case(**coding, "chunked")) {
            return std::unexpected(Refusal{.status = 501, .message = "the only known Transfer-Encoding is chunked"});
        }
        framing.chunked = true;
    }
    const auto expect = only_value(headers, "expect");
    if (!expect) return std::unexpected(expect.error());
    if (*expect && version != Version::http1_0) {
        if (!equals_ignoring_case(**expect, "100-continue")) {
            return std::unexpected(Refusal{.status = 417, .message = "the only known expectation is 100-continue"});
        }
        framing.expects_continue = true;
    }
    return framing;
}

std::optional<Refusal> complete_head(Request& request, std::string_view target, std::string_view authority, const Peer& peer,
                                     std::span<const IpPrefix> trusted) {
    if (request.version == Version::http2) join_cookies(request.headers);
    request.secure = peer.secure;
    request.client_address = peer.address_text;
    const auto target_authority = read_target(request, target);
    if (!target_authority) return target_authority.error();
    auto host = read_host(request, *target_authority, authority);
    if (!host) return host.error();
    if (peer.trusted) {
        auto forwarded = read_forwarded(request.headers, trusted);
        if (!forwarded) return Refusal{.status = 400, .message = forwarded.error().message};
        if (forwarded->host) *host = *std::move(forwarded->host);
        if (forwarded->client) request.client_address = forwarded->client->to_string();
        if (forwarded->secure) request.secure = *forwarded->secure;
        const std::string_view id = request.headers.get("x-request-id");
        if (is_request_id(id)) request.id = id;
    } else {
        remove_forwarded(request.headers);
    }
    request.host = std::move(host->host);
    request.port = std::move(host->port);
    if (request.id.empty()) request.id = make_request_id();
    return std::nullopt;
}

bool is_unambiguous(std::string_view raw_head) {
    for (std::size_t i = 0; i < raw_head.size(); ++i) {
        const char c = raw_head[i];
        if (c == '\0') return false;
        if (c == '\n' && (i == 0 || raw_head[i - 1] != '\r')) return false;
        if (c != '\r') continue;
        if (i + 1 == raw_head.size() || raw_head[i + 1] != '\n') return false;
        if (i + 2 < raw_head.size() && (raw_head[i + 2] == ' ' || raw_head[i + 2] == '\t')) return false;
    }
    return true;
}

std::string make_request_id() {
    // Not a secret, only unlike every other: a generator per thread, seeded once by the kernel.
    thread_local std::mt19937_64 random = [] {
        std::uint64_t seed = 0;
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = std::random_device{}();
        return std::mt19937_64(seed);
    }();
    constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
    std::string id(15, '0');
    std::uint64_t bits = random();
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 12) bits = random();
        id[i] = kDigits[bits & 31];
        bits >>= 5;
    }
    return id;
}

}  // namespace godwit::http
