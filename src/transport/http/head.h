// The rules that every request head must pass, whichever HTTP version brought it (RFC 9112 sections 2–7, RFC 9113 section 8).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transport/http/authority.h"
#include "transport/http/message.h"
#include "transport/http/server.h"

namespace godwit::http {

/// Who sent it.
struct Peer {
    IpAddress address;
    std::string address_text;
    bool secure = false;   ///< came over TLS
    bool trusted = false;  ///< is one of the configured proxies
};

/// How the body is delimited, and what the client wants to hear before it sends one.
struct Framing {
    bool chunked = false;
    std::optional<std::uint64_t> length;  ///< Content-Length
    bool expects_continue = false;
};

/// Reads Content-Length, Transfer-Encoding and Expect. Refuses whatever two programs could understand differently: both fields,
/// repeated ones, lists, signs, codings other than chunked.
std::expected<Framing, Refusal> read_framing(const Headers& headers, Version version);

/// Completes a request of which method, version and headers are set, from its target (origin-, absolute- or asterisk-form) and
/// HTTP/2's :authority. Exactly one host must come out: Host, :authority and an absolute target may not differ; a trusted proxy's
/// word replaces it. Sets path, query, host, port, secure, client_address and id.
std::optional<Refusal> complete_head(Request& request, std::string_view target, std::string_view authority, const Peer& peer,
                                     std::span<const IpPrefix> trusted);

/// True for a raw HTTP/1.x head without NUL, bare CR or LF, or continuation lines (obs-fold): what parsers read differently.
bool is_unambiguous(std::string_view raw_head);

/// 15 characters of base32 (75 random bits): fits into a string without an allocation.
std::string make_request_id();

}  // namespace godwit::http
