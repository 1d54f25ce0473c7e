// Requests of devices without a browser (RFC 8628): a device shows a person its user code and asks again and again with its device code,
// while the person signs in elsewhere and allows or denies it. Rows of runtime.auth_requests with a kind of their own; the device code
// is stored as a hash, is used once, and a second use revokes what the first one got.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/auth_requests.h"

namespace godwit::oidc {

/// How long a person may take, and how far apart a device's questions should be (as recorded of the reference).
inline constexpr std::chrono::seconds kDeviceTime{300};
inline constexpr std::chrono::seconds kPollInterval{5};

/// What a person typed, as user codes are written: "bcdf ghjk" is "BCDF-GHJK". "" when it cannot be one.
std::string normal_user_code(std::string_view typed);

class DeviceRequests {
public:
    explicit DeviceRequests(const Services& services) : services_(services) {}

    struct Begun {
        std::string device_code, user_code;
    };
    Result<Begun> begin(const Issuer& issuer, const Client& client, Scopes scopes);

    /// What waits for a person: neither decided nor expired. By the code as normal_user_code writes it.
    Result<std::optional<AuthRequest>> find_waiting(InstanceScope scope, std::string_view user_code);
    /// By AuthRequest::id, decided or not, until it expires. The id is sealed: one that could be guessed would take the place of the code.
    Result<std::optional<AuthRequest>> find(InstanceScope scope, std::string_view id);

    /// False when it had been decided before.
    Result<bool> allow(InstanceScope scope, const AuthRequest& request, const session::Session& session);
    Result<bool> deny(InstanceScope scope, const AuthRequest& request);

    /// A device asks.
    struct Poll {
        enum class State { unknown, waiting, too_fast, denied, expired, allowed } state = State::unknown;
        IssuedCode code;  ///< of `allowed`; also when it has been used
    };
    /// `client`: another one's device code is unknown, and left alone. Asking sooner than the interval makes it five seconds longer
    /// (section 3.5).
    Result<Poll> poll(InstanceScope scope, AppId client, std::string_view device_code);

private:
    const Services& services_;
};

}  // namespace godwit::oidc
