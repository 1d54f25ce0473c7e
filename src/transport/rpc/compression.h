// Per-message compression as gRPC (grpc-encoding) and Connect (content-encoding) name it: gzip (RFC 1952), or none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::rpc {

enum class Coding { identity, gzip };

/// What we take, as grpc-accept-encoding and accept-encoding list it.
inline constexpr std::string_view kAcceptedCodings = "gzip";
/// A shorter message is sent as it is: its gzip header alone would weigh as much as what is saved.
inline constexpr std::size_t kWorthCompressing = 1024;

/// "" is identity. Error: unimplemented, which lists what is taken.
Result<Coding> parse_coding(std::string_view name);
/// Whether an accept-encoding list ("br, gzip;q=0.5") allows gzip by its name.
bool accepts_gzip(std::string_view list);

std::string gzip(std::string_view bytes);
/// One or more gzip members, whole. Errors: invalid_argument (not gzip, broken, cut off), resource_exhausted as soon as more than
/// `max_bytes` come out, so that a bomb costs no more than the limit.
Result<std::string> gunzip(std::string_view bytes, std::uint64_t max_bytes);

}  // namespace godwit::rpc
