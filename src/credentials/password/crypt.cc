#include "credentials/password/crypt.h"

#include <crypt.h>

#include <array>
#include <cstring>
#include <memory>

#include "credentials/password/text.h"

namespace godwit::password {
namespace {

class CryptRecipe final : public Recipe {
public:
    enum class Kind { md5, sha, yescrypt };
    struct Numbers {
        std::uint64_t rounds = 0;                     // sha
        std::uint64_t n = 0, r = 0, p = 1, time = 0;  // yescrypt, scrypt
    };

    CryptRecipe(std::string name, Kind kind, std::string encoded, Numbers numbers)
        : name_(std::move(name)), kind_(kind), encoded_(std::move(encoded)), numbers_(numbers) {}

    std::string algorithm() const override { return name_; }

    Result<Cost> cost(const CostLimits& limits) const override {
        if (kind_ == Kind::md5) return Cost{.memory_bytes = 0, .weak = false, .parameters = {{"rounds", "1000"}}};
        if (kind_ == Kind::sha) {
            TRY(check_limit("rounds", numbers_.rounds, limits.crypt_rounds));
            if (numbers_.rounds < 1000) return refused("crypt(3) never writes rounds below 1000");
            return Cost{.memory_bytes = 0, .weak = false, .parameters = {{"rounds", std::to_string(numbers_.rounds)}}};
        }
        const std::uint64_t memory = saturating_product(saturating_product(128, numbers_.n), numbers_.r);
        TRY(check_limit("128 * N * r", memory, limits.scrypt_memory_bytes));
        TRY(check_limit("128 * N * r * p * (t + 1)", saturating_product(saturating_product(memory, numbers_.p), numbers_.time + 1),
                        limits.scrypt_work_bytes));
        TRY(check_limit("r * p", saturating_product(numbers_.r, numbers_.p), 1U << 20));
        return Cost{.memory_bytes = memory,
                    .weak = false,
                    .parameters = {{"cost", std::to_string(numbers_.n)},
                                   {"blockSize", std::to_string(numbers_.r)},
                                   {"parallelism", std::to_string(numbers_.p)},
                                   {"time", std::to_string(numbers_.time)}}};
    }

    Result<bool> verify(std::string_view password, Work&) const override {
        // A C string: with NUL inside a prefix would match; over the library's maximum it answers with an error.
        if (password.find('\0') != std::string_view::npos || password.size() >= CRYPT_MAX_PASSPHRASE_SIZE) return false;
        const auto state = std::make_unique<crypt_data>();
        const Secret key{std::string(password)};
        const char* const out = crypt_rn(key.reveal().data(), encoded_.c_str(), state.get(), sizeof *state);
        // Compared after the last '$': "rounds=05000" and "rounds=5000" are one setting.
        const bool same = out != nullptr && equal_secret(after_last_dollar(out), after_last_dollar(encoded_));
        explicit_bzero(state.get(), sizeof *state);
        return same;
    }

private:
    static std::string_view after_last_dollar(std::string_view text) { return text.substr(text.rfind('$') + 1); }

    const std::string name_;
    const Kind kind_;
    const std::string encoded_;
    const Numbers numbers_;
};

bool all_h64(std::string_view text) {
    for (const char c : text) {
        if (h64_value(c) < 0) return false;
    }
    return true;
}

// libxcrypt's variable-length number: the first character says how many follow.
bool read_number(std::string_view& text, std::uint64_t smallest, std::uint64_t& value) {
    if (text.empty()) return false;
    const int first = h64_value(text.front());
    if (first < 0) return false;
    text.remove_prefix(1);
    unsigned start = 0;
    unsigned end = 47;
    unsigned more = 0;
    unsigned bits = 0;
    value = smallest;
    while (static_cast<unsigned>(first) > end) {
        value += std::uint64_t{end + 1 - start} << bits;
        start = end + 1;
        end = start + (62 - end) / 2;
        ++more;
        bits += 6;
    }
    value += std::uint64_t{static_cast<unsigned>(first) - start} << bits;
    for (; more > 0; --more) {
        if (text.empty() || h64_value(text.front()) < 0) return false;
        bits -= 6;
        value += std::uint64_t{static_cast<unsigned>(h64_value(text.front()))} << bits;
        text.remove_prefix(1);
    }
    return true;
}

Result<RecipePtr> parse_yescrypt(std::string_view encoded) {
    const auto fields = split(encoded, '$');
    if (fields.size() != 5 || fields[4].size() != 43 || !all_h64(fields[4]) || fields[3].size() > 86 || !all_h64(fields[3])) {
        return refused("yescrypt has parameters, a salt and 43 characters of digest");
    }
    std::string_view text = fields[2];
    CryptRecipe::Numbers numbers;
    std::uint64_t flavor = 0;
    std::uint64_t log_n = 0;
    std::uint64_t have = 0;
    bool good = read_number(text, 0, flavor) && read_number(text, 1, log_n) && read_number(text, 1, numbers.r);
    if (good && !text.empty()) {
        good = read_number(text, 1, have);
        if (good && (have & 1) != 0) good = read_number(text, 2, numbers.p);
        if (good && (have & 2) != 0) good = read_number(text, 1, numbers.time);
    }
    if (!good || !text.empty() || log_n > 40) return refused("yescrypt with parameters that are not understood");
    numbers.n = std::uint64_t{1} << log_n;
    return std::make_unique<CryptRecipe>(fields[1] == "y" ? "yescrypt" : "gost-yescrypt", CryptRecipe::Kind::yescrypt, std::string(encoded),
                                         numbers);
}

// "$7$", one character of log2 N, five of r, five of p (30 bits, little-endian), then the salt.
Result<RecipePtr> parse_scrypt_crypt(std::string_view encoded) {
    const auto fields = split(encoded, '$');
    if (fields.size() != 4 || fields[2].size() < 11 || fields[2].size() > 11 + 86 || fields[3].size() != 43 || !all_h64(fields[2]) ||
        !all_h64(fields[3])) {
        return refused("$7$ has eleven characters of parameters, a salt and 43 of digest");
    }
    const auto thirty_bits = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 5; ++i) value |= static_cast<std::uint64_t>(h64_value(fields[2][at + i])) << (6 * i);
        return value;
    };
    const int log_n = h64_value(fields[2][0]);
    if (log_n < 1 || log_n > 40) return refused("$7$ with an N out of reach");
    const CryptRecipe::Numbers numbers{.rounds = 0, .n = std::uint64_t{1} << log_n, .r = thirty_bits(1), .p = thirty_bits(6), .time = 0};
    return std::make_unique<CryptRecipe>("scrypt-crypt", CryptRecipe::Kind::yescrypt, std::string(encoded), numbers);
}

struct Classic {
    std::string_view prefix;
    std::string_view name;
    std::size_t max_salt;
    std::size_t digest;
};
constexpr std::array<Classic, 3> kClassic{{{"$1$", "md5-crypt", 8, 22}, {"$5$", "sha256-crypt", 16, 43}, {"$6$", "sha512-crypt", 16, 86}}};

Result<RecipePtr> parse_classic(const Classic& form, std::string_view encoded) {
    auto fields = split(encoded.substr(form.prefix.size()), '$');
    CryptRecipe::Numbers numbers{.rounds = 5000};
    const bool md5 = form.name == "md5-crypt";
    if (!md5 && fields.front().starts_with("rounds=")) {
        const auto rounds = parse_number(fields.front().substr(7));
        if (!rounds) return refused("rounds= is not a number");
        numbers.rounds = *rounds;
        fields.erase(fields.begin());
    }
    if (fields.size() != 2) return refused(std::string(form.name) + " has a salt and a digest");
    if (fields[0].size() > form.max_salt || fields[0].find_first_of(":;*!\\\n") != std::string_view::npos) {
        return refused("the salt of " + std::string(form.name) + " has at most " + std::to_string(form.max_salt) + " characters");
    }
    if (fields[1].size() != form.digest || !all_h64(fields[1])) {
        return refused("the digest of " + std::string(form.name) + " has " + std::to_string(form.digest) +
                       " characters; this one is cut or damaged");
    }
    return std::make_unique<CryptRecipe>(std::string(form.name), md5 ? CryptRecipe::Kind::md5 : CryptRecipe::Kind::sha,
                                         std::string(encoded), numbers);
}

class CryptScheme final : public Scheme {
public:
    std::string_view name() const override { return "crypt"; }
    std::vector<Form> forms() const override {
        return {{"$1$SALT$DIGEST", "md5-crypt"},
                {"$5$rounds=ROUNDS$SALT$DIGEST", "sha256-crypt; without rounds it is 5000"},
                {"$6$rounds=ROUNDS$SALT$DIGEST", "sha512-crypt; without rounds it is 5000"},
                {"$y$PARAMETERS$SALT$DIGEST", "yescrypt; also $gy$"},
                {"$7$PARAMETERSSALT$DIGEST", "scrypt of crypt(3)"},
                {"$md5-crypt$…, $sha256-crypt$…, $sha512-crypt$…", "the same as Ory Kratos writes them"}};
    }
    bool claims(std::string_view encoded) const override { return looks_like_crypt(encoded) || !ory_spelling(encoded).empty(); }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        const std::string_view ory = ory_spelling(encoded);
        if (ory.empty()) return parse_crypt(encoded);
        for (const Classic& form : kClassic) {
            if (ory.substr(1, ory.size() - 2) == form.name)
                return parse_crypt(std::string(form.prefix) + std::string(encoded.substr(ory.size())));
        }
        return refused("unknown crypt(3) form");
    }
    // The reference's own names for $1$ and for $5$, $6$.
    bool also_called(std::string_view algorithm, std::string_view encoded) const override {
        return (algorithm == "md5" && encoded.starts_with("$1$")) ||
               (algorithm == "sha2" && (encoded.starts_with("$5$") || encoded.starts_with("$6$")));
    }

private:
    static std::string_view ory_spelling(std::string_view encoded) {
        for (const std::string_view label : {"$md5-crypt$", "$sha256-crypt$", "$sha512-crypt$"}) {
            if (encoded.starts_with(label)) return label;
        }
        return {};
    }
};

}  // namespace

bool looks_like_crypt(std::string_view encoded) {
    for (const std::string_view prefix : {"$1$", "$5$", "$6$", "$y$", "$gy$", "$7$"}) {
        if (encoded.starts_with(prefix)) return true;
    }
    return false;
}

Result<RecipePtr> parse_crypt(std::string_view encoded) {
    for (const char c : encoded) {
        if (c <= ' ' || c == 0x7F) return refused("crypt(3) hashes have no white space or control characters");
    }
    for (const Classic& form : kClassic) {
        if (encoded.starts_with(form.prefix)) return parse_classic(form, encoded);
    }
    if (encoded.starts_with("$7$")) return parse_scrypt_crypt(encoded);
    if (encoded.starts_with("$y$") || encoded.starts_with("$gy$")) return parse_yescrypt(encoded);
    return refused("only $1$, $5$, $6$, $7$, $y$ and $gy$ of crypt(3) are supported (DES hashes only know eight characters)");
}

std::unique_ptr<const Scheme> crypt_scheme() { return std::make_unique<CryptScheme>(); }

}  // namespace godwit::password
