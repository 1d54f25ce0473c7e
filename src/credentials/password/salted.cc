#include "credentials/password/salted.h"

#include <array>
#include <cstring>

#include "base/encoding.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kPrefix = "$godwit-digest$";
constexpr std::array<std::string_view, 5> kPlaces{"none", "prefix", "suffix", "braces", "key"};
constexpr std::array<std::string_view, 3> kSteps{"plain", "hex", "merged"};
constexpr std::array<std::string_view, 3> kTexts{"utf8", "utf16le", "latin1"};

template <class Enum, std::size_t N>
std::optional<Enum> find_in(const std::array<std::string_view, N>& names, std::string_view name) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

class SaltedRecipe final : public Recipe {
public:
    explicit SaltedRecipe(Salted parameters) : p_(std::move(parameters)) {}

    std::string algorithm() const override { return (p_.hmac ? "hmac-" : "") + std::string(hash_name(p_.hash)); }

    Result<Cost> cost(const CostLimits& limits) const override {
        if (p_.expected.size() != hash_size(p_.hash)) {
            return refused("a digest of " + algorithm() + " has " + std::to_string(hash_size(p_.hash)) + " bytes, this one has " +
                           std::to_string(p_.expected.size()));
        }
        TRY(check_sizes(p_.salt.size(), p_.expected.size(), limits));
        TRY(check_limit("iterations", p_.rounds, limits.digest_rounds));
        Cost cost{.memory_bytes = 0,
                  .weak = p_.rounds < 100'000,
                  .parameters = {{"iterations", std::to_string(p_.rounds)},
                                 {"saltPosition", std::string(kPlaces[static_cast<std::size_t>(p_.place)])}}};
        if (p_.text != Salted::Text::utf8) cost.parameters.emplace_back("passwordEncoding", kTexts[static_cast<std::size_t>(p_.text)]);
        return cost;
    }

    Result<bool> verify(std::string_view password, Work& work) const override {
        std::optional<std::string> bytes(password);
        if (p_.text == Salted::Text::utf16le) bytes = utf8_to_utf16le(password);
        if (p_.text == Salted::Text::latin1) bytes = utf8_to_latin1(password);
        if (!bytes) return false;
        Secret key;
        if (!p_.key_token.empty()) key = TRY(resolve_token(p_.key_token, work.secrets));
        const Secret message(merged(*bytes));
        explicit_bzero(bytes->data(), bytes->size());
        return equal_secret(run(message.reveal(), p_.place == Salted::Place::key ? p_.salt : key.reveal()), p_.expected);
    }

private:
    std::string merged(std::string_view password) const {
        switch (p_.place) {
            case Salted::Place::prefix:
                return p_.salt + std::string(password);
            case Salted::Place::suffix:
                return std::string(password) + p_.salt;
            case Salted::Place::braces:
                return std::string(password) + (p_.salt.empty() ? "" : "{" + p_.salt + "}");
            case Salted::Place::none:
            case Salted::Place::key:
                break;
        }
        return std::string(password);
    }

    std::string run(std::string_view message, std::string_view key) const {
        if (p_.hmac) return hmac(p_.hash, key, message);
        Digester digest(p_.hash);
        std::string x = digest({message});
        for (std::uint64_t i = 1; i < p_.rounds; ++i) {
            switch (p_.step) {
                case Salted::Step::plain:
                    x = digest({x});
                    break;
                case Salted::Step::hex:
                    x = digest({hex_encode(x)});
                    break;
                case Salted::Step::merged:
                    x = digest({x, message});
                    break;
            }
        }
        return x;
    }

    const Salted p_;
};

class SaltedScheme final : public Scheme {
public:
    std::string_view name() const override { return "digest"; }
    std::vector<Form> forms() const override {
        return {{"$godwit-digest$alg=…,at=…,rounds=…,step=…,text=…$SALT$DIGEST",
                 "what a declared digest is stored as; bare hex and base64 digests are never recognised"}};
    }
    bool claims(std::string_view encoded) const override { return encoded.starts_with(kPrefix); }

    Result<RecipePtr> parse(std::string_view encoded) const override {
        const auto fields = split(encoded.substr(kPrefix.size()), '$');
        const auto values = KeyValues::parse(fields.front());
        if (fields.size() != 3 || !values || !values->only({"alg", "at", "rounds", "step", "text", "key"}))
            return refused("malformed $godwit-digest$");
        std::string_view algorithm = values->find("alg").value_or("");
        Salted out;
        out.hmac = algorithm.starts_with("hmac-");
        if (out.hmac) algorithm.remove_prefix(5);
        const auto hash = find_hash(algorithm);
        const auto place = find_place(values->find("at").value_or(""));
        const auto step = find_step(values->find("step").value_or("plain"));
        const auto text = find_text(values->find("text").value_or("utf8"));
        const auto rounds = values->number("rounds");
        const auto salt = decode_base64_any(fields[1]);
        const auto expected = decode_base64_any(fields[2]);
        if (!hash || !place || !step || !text || !rounds || !salt || !expected) return refused("malformed $godwit-digest$");
        out.key_token = values->find("key").value_or("");
        if (!out.key_token.empty() && !is_secret_token(out.key_token)) return refused("the key is not a reference to a secret");
        // An HMAC has exactly one key, a plain digest none, and an HMAC is not iterated.
        const bool salt_is_key = *place == Salted::Place::key;
        if (out.hmac ? (salt_is_key != out.key_token.empty() || *rounds != 1) : (salt_is_key || !out.key_token.empty())) {
            return refused("an HMAC needs one key and one round, a plain digest has no key");
        }
        if (salt_is_key && salt->empty()) return refused("the key of the HMAC is empty");
        out.hash = *hash;
        out.place = *place;
        out.step = *step;
        out.text = *text;
        out.rounds = *rounds;
        out.salt = *salt;
        out.expected = *expected;
        return make_recipe(std::move(out));
    }
};

}  // namespace

RecipePtr make_recipe(Salted parameters) { return std::make_unique<SaltedRecipe>(std::move(parameters)); }

RecipePtr make_digest(Hash hash, Salted::Place place, std::string salt, std::string expected) {
    Salted out;
    out.hash = hash;
    out.hmac = place == Salted::Place::key;
    out.place = place;
    out.salt = std::move(salt);
    out.expected = std::move(expected);
    return make_recipe(std::move(out));
}

std::string encode_salted(const Salted& s) {
    std::string out(kPrefix);
    out += "alg=" + std::string(s.hmac ? "hmac-" : "") + std::string(hash_name(s.hash));
    out += ",at=" + std::string(kPlaces[static_cast<std::size_t>(s.place)]);
    out += ",rounds=" + std::to_string(s.rounds);
    out += ",step=" + std::string(kSteps[static_cast<std::size_t>(s.step)]);
    out += ",text=" + std::string(kTexts[static_cast<std::size_t>(s.text)]);
    if (!s.key_token.empty()) out += ",key=" + s.key_token;
    return out + "$" + base64_encode(s.salt) + "$" + base64_encode(s.expected);
}

std::optional<Salted::Place> find_place(std::string_view name) { return find_in<Salted::Place>(kPlaces, name); }
std::optional<Salted::Step> find_step(std::string_view name) { return find_in<Salted::Step>(kSteps, name); }
std::optional<Salted::Text> find_text(std::string_view name) { return find_in<Salted::Text>(kTexts, name); }

std::unique_ptr<const Scheme> salted_scheme() { return std::make_unique<SaltedScheme>(); }

}  // namespace godwit::password
