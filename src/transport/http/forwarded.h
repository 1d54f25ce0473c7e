// What a trusted reverse proxy says about the client: Forwarded (RFC 7239) and X-Forwarded-For, -Host, -Proto.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "transport/http/authority.h"
#include "transport/http/message.h"

namespace godwit::http {

struct Forwarded {
    std::optional<IpAddress> client;  ///< the first address, counted from us, that is no trusted proxy
    std::optional<Authority> host;
    std::optional<bool> secure;
};

/// Reads the fields of a request that came from a trusted proxy. Invalid_argument: a host or protocol that is unreadable or has more
/// than one value (over all fields that name one): whom to believe would be a guess.
Result<Forwarded> read_forwarded(const Headers& headers, std::span<const IpPrefix> trusted);

/// Takes them out of a request that came from anybody else, so that nothing further in can believe them.
void remove_forwarded(Headers& headers);

}  // namespace godwit::http
