// Foreign password hashes, bare and declared. Input: "<algorithm>\n<name>=<value>\n…\n\n<hash>"; without a blank line all of it is the
// hash.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/encoding.h"
#include "credentials/password/schemes.h"
#include "credentials/password/verifier.h"

namespace {

using namespace godwit;
using namespace godwit::password;

class Keeper final : public SecretKeeper {
public:
    Result<std::string> seal(std::string_view secret) const override { return hex_encode(secret); }
    Result<Secret> open(std::string_view sealed) const override { return Secret(hex_decode(sealed).value_or("")); }
    Result<Secret> find(std::string_view name) const override { return Secret(std::string(name)); }
};

// So small that each verification is done at once: the bounds themselves are the unit tests' business.
CostLimits small() {
    CostLimits limits;
    limits.bcrypt_cost = 4;
    limits.argon2_memory_kib = 64;
    limits.argon2_work_kib = 128;
    limits.argon2_lanes = 4;
    limits.scrypt_memory_bytes = 1 << 17;
    limits.scrypt_work_bytes = 1 << 18;
    limits.pbkdf2_iterations = 100;
    limits.crypt_rounds = 1000;
    limits.digest_rounds = 256;
    return limits;
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

Declaration read_declaration(std::string_view& text) {
    Declaration out;
    if (text.find("\n\n") == std::string_view::npos) return out;
    out.algorithm = next_line(text);
    for (std::string_view line = next_line(text); !line.empty(); line = next_line(text)) {
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos) out.parameters.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return out;
}

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static HashMemory memory;
    static const Keeper keeper;
    static const Verifier verifier = *Verifier::make({.limits = small(), .forbidden = {}}, memory, &keeper);

    std::string_view value(reinterpret_cast<const char*>(data), size);
    const Declaration declaration = read_declaration(value);
    // One string, one reading.
    require(std::ranges::count_if(all_schemes(), [&](const auto& scheme) { return scheme->claims(value); }) <= 1);
    verifier.describe(value, declaration);
    const auto accepted = verifier.accept(value, declaration);
    if (!accepted || accepted->no_password()) return 0;

    require(accepted->encoded.size() <= kMaxEncodedBytes);
    // What was accepted once is stored as it is, and stays acceptable as it is.
    const auto again = verifier.accept(accepted->encoded);
    require(again && again->encoded == accepted->encoded && again->scheme == accepted->scheme);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const auto empty = verifier.verify("", accepted->encoded, deadline);
    require(empty && !*empty);
    (void)verifier.verify("Correct-Horse-7", accepted->encoded, deadline);
    require(memory.usage().reserved_bytes == 0);
    return 0;
}
