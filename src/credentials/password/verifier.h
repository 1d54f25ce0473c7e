// The door to all schemes: takes in foreign hashes, and verifies passwords against stored ones within the limits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "credentials/password/declared.h"
#include "credentials/password/scheme.h"

namespace godwit::password {

/// A hash that may be stored.
struct Accepted {
    std::string encoded;      ///< what to store, in place of the value that came; empty: the user has no password
    std::string_view scheme;  ///< name of the scheme that will verify it
    Cost cost;
    bool no_password() const { return encoded.empty(); }
};

/// What `godwit password check` shows.
struct Description {
    bool no_password = false;
    std::string scheme;  ///< empty: not recognised, and not (rightly) declared
    std::string algorithm;
    bool recognised = false;                       ///< by itself, without the declaration
    bool accepted = false;                         ///< an import would take it as it is declared here
    std::string reason;                            ///< why not
    Cost cost;                                     ///< also of one over the limits, as far as it could be read
    std::vector<std::string> possible_algorithms;  ///< for a value that is not recognised
};

/// Any thread.
class Verifier {
public:
    struct Options {
        CostLimits limits;
        std::vector<std::string> forbidden;  ///< names of schemes or algorithms
    };
    /// invalid_argument when a forbidden name is none of ours. `memory` and `secrets` outlive it; `secrets` may be null.
    static Result<Verifier> make(Options options, HashMemory& memory, const SecretKeeper* secrets = nullptr);

    /// For import, from any door. Recognised forms win; a declaration that contradicts one is refused, as is everything that is
    /// ambiguous, malformed, too costly or forbidden: invalid_argument, USER-JDk4t, with the reason.
    Result<Accepted> accept(std::string_view value, const Declaration& declaration = {}) const;

    /// Whether `password` is the one. Form and cost are checked again, and the memory is reserved before the work begins:
    /// resource_exhausted when that is not possible until `deadline`. An empty password never fits, nor one with NUL inside: C programs
    /// stop there, and HMAC (so PBKDF2 and scrypt) cannot tell a NUL at the end from its own padding.
    Result<bool> verify(std::string_view password, std::string_view encoded, Deadline deadline) const;

    Description describe(std::string_view value, const Declaration& declaration = {}) const;

    const CostLimits& limits() const { return options_.limits; }

private:
    Verifier(Options options, HashMemory& memory, const SecretKeeper* secrets)
        : options_(std::move(options)), memory_(&memory), secrets_(secrets) {}

    Result<Cost> admit(const Scheme& scheme, const Recipe& recipe) const;

    Options options_;
    HashMemory* memory_;
    const SecretKeeper* secrets_;
};

}  // namespace godwit::password
