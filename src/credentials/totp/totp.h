// Time-based one-time passwords (RFC 6238 over RFC 4226) and the key forms that come with imported users.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace godwit::totp {

/// What authenticator apps take when nothing is said.
struct Parameters {
    crypto::Hash hash = crypto::Hash::sha1;  ///< sha1, sha256 or sha512
    int digits = 6;                          ///< 6 to 8
    std::chrono::seconds period{30};         ///< 1 s to 1 h

    friend bool operator==(const Parameters&, const Parameters&) = default;
};

struct Key {
    Secret bytes;
    Parameters parameters;
    std::string issuer;   ///< of an otpauth URI; may be empty
    std::string account;  ///< of an otpauth URI; may be empty
};

/// The key bytes of an imported `otpCode`: base32 (RFC 4648) where case, white space, hyphens, padding and spare bits do not
/// matter. nullopt when it is not base32 at all, has no whole byte or is longer than 1,024 bytes.
std::optional<Secret> read_key(std::string_view base32);

/// otpauth://totp/Issuer:account?secret=…&issuer=…&algorithm=SHA1|SHA256|SHA512&digits=6&period=30 (the key URI format of
/// authenticator apps). nullopt when it is another type (hotp), has no readable secret or a parameter out of bounds.
std::optional<Key> parse_otpauth(std::string_view uri);

/// The same for an enrolment; parameters with their default value are left out.
Secret otpauth_uri(const Key& key);

/// 20 random bytes (RFC 4226 section 4, R6).
Secret make_key();

/// The step `time` lies in: whole periods since 1970.
std::int64_t step_at(const Parameters& parameters, Time time);

/// The code of a step, with leading zeros.
std::string code_at(const Secret& key, const Parameters& parameters, std::int64_t step);

/// The step whose code this is, searched from `window` steps before now to `window` after; nullopt when there is none.
/// A step at or before `last_used` does not count: store the answer and hand it in, and a code works once (RFC 6238 section
/// 5.2). White space in the code is ignored. All candidates are compared, in constant time.
std::optional<std::int64_t> verify(const Secret& key, const Parameters& parameters, std::string_view code, Time now,
                                   std::optional<std::int64_t> last_used = std::nullopt, int window = 1);

}  // namespace godwit::totp
