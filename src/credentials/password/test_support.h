// For this room's tests alone.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/encoding.h"
#include "credentials/password/verifier.h"

namespace godwit::password {

/// Seals by turning to hex; knows a few names.
class FakeKeeper final : public SecretKeeper {
public:
    std::map<std::string, std::string, std::less<>> named;

    Result<std::string> seal(std::string_view secret) const override { return hex_encode(secret); }
    Result<Secret> open(std::string_view sealed) const override {
        const auto bytes = hex_decode(sealed);
        if (!bytes) return fail(Code::data_loss, "TEST-seal", "not sealed here");
        return Secret(*bytes);
    }
    Result<Secret> find(std::string_view name) const override {
        const auto it = named.find(name);
        if (it == named.end()) return fail(Code::not_found, "TEST-name", "no such secret");
        return Secret(it->second);
    }
};

/// Generous: nothing in the tests waits for long.
inline Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::minutes(1); }

/// A verifier with everything it needs.
struct Bench {
    HashMemory memory;
    FakeKeeper keeper;
    Verifier verifier;

    explicit Bench(Verifier::Options options = {}) : verifier(*Verifier::make(std::move(options), memory, &keeper)) {}

    bool fits(std::string_view password, std::string_view encoded) const {
        const auto answer = verifier.verify(password, encoded, soon());
        return answer && *answer;
    }
    /// "" when accepted, else the message.
    std::string refusal(std::string_view value, const Declaration& declaration = {}) const {
        const auto accepted = verifier.accept(value, declaration);
        return accepted ? std::string() : accepted.error().message;
    }
};

}  // namespace godwit::password
