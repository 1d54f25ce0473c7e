// How anything that can fail says so: Result<T> and Error, passed on with TRY.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace godwit {

/// The canonical gRPC status codes (google.rpc.Code), the one vocabulary of failure. transport/rpc maps them to HTTP, oidc to OAuth errors.
enum class Code : int {
    cancelled = 1,
    unknown = 2,
    invalid_argument = 3,
    deadline_exceeded = 4,
    not_found = 5,
    already_exists = 6,
    permission_denied = 7,
    resource_exhausted = 8,
    failed_precondition = 9,
    aborted = 10,
    out_of_range = 11,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    data_loss = 15,
    unauthenticated = 16,
};

/// `id` is short and stable (machines and translations key on it, the contract's clients see it in details[].id);
/// `message` tells a person what to do. Neither ever holds a secret.
struct Error {
    Code code = Code::internal;
    std::string id;
    std::string message;
    /// Of a refused credential: how often it failed since it was last right. Clients of the contract show it.
    std::optional<std::uint64_t> failed_attempts = std::nullopt;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return fail(Code::not_found, "MANAG-fpo4B", "User could not be found");`
[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string_view id, std::string_view message) {
    return std::unexpected(Error{code, std::string(id), std::string(message)});
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

namespace detail {
template <class T>
T unwrap(std::expected<T, Error>&& result) {
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <class T>
T unwrap(std::expected<T, Error>& result) {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace detail

}  // namespace godwit

/// The value of a Result, or an early return of its error. Not for coroutines.
#define TRY(...) GODWIT_TRY_NUMBERED(__COUNTER__, __VA_ARGS__)
// A name of its own for each, so that a TRY within a TRY's lambda shadows nothing; two steps, for ## takes its operands unexpanded.
#define GODWIT_TRY_NUMBERED(number, ...) GODWIT_TRY_NAMED(number, __VA_ARGS__)
#define GODWIT_TRY_NAMED(number, ...)                                                             \
    __extension__({                                                                               \
        auto godwit_try_##number = (__VA_ARGS__);                                                 \
        if (!godwit_try_##number) return std::unexpected(std::move(godwit_try_##number).error()); \
        ::godwit::detail::unwrap(godwit_try_##number);                                            \
    })
