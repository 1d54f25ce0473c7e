#include "credentials/password/firebase.h"

#include "base/encoding.h"
#include "credentials/password/digest.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

constexpr std::string_view kOurs = "$godwit-firebase$";
constexpr std::string_view kSupabase = "$fbscrypt$";
constexpr std::string_view kOry = "$firescrypt$";
constexpr std::size_t kKeyBytes = 32;

class FirebaseRecipe final : public Recipe {
public:
    explicit FirebaseRecipe(Firebase parameters)
        : p_(std::move(parameters)),
          scrypt_{.n = p_.mem_cost < 64 ? std::uint64_t{1} << p_.mem_cost : 0,
                  .r = p_.rounds,
                  .p = p_.parallelism,
                  .salt = p_.salt + p_.separator,
                  .expected = {}} {}

    std::string algorithm() const override { return "firebase-scrypt"; }

    Result<Cost> cost(const CostLimits& limits) const override {
        TRY(check_sizes(scrypt_.salt.size(), p_.expected.size(), limits));
        if (p_.signer_key_token.empty() && p_.signer_key.size() != p_.expected.size())
            return refused("the signer key and the hash of Firebase differ in length");
        return scrypt_cost(scrypt_, limits);
    }

    Result<bool> verify(std::string_view password, Work& work) const override {
        const Secret signer = TRY(signer_key(work.secrets));
        const Secret key(TRY(scrypt(password, scrypt_, kKeyBytes)));
        return equal_secret(aes256_ctr(key.reveal(), signer.reveal()), p_.expected);
    }

private:
    // A named or sealed signer key is the base64 text that Firebase's console shows.
    Result<Secret> signer_key(const SecretKeeper* secrets) const {
        if (p_.signer_key_token.empty()) return Secret(p_.signer_key);
        const Secret text = TRY(resolve_token(p_.signer_key_token, secrets));
        auto key = decode_base64_any(text.reveal());
        if (!key || key->size() != p_.expected.size()) {
            return fail(Code::failed_precondition, "PASSWORD-Fb1sk",
                        "The signer key of this Firebase hash is not the base64 of a key of its length");
        }
        return Secret(std::move(*key));
    }

    const Firebase p_;
    const Scrypt scrypt_;
};

// All three forms have these; nullopt when something is missing or not what it should be.
std::optional<Firebase> read_common(const KeyValues& values, std::string_view mem_cost, std::string_view salt, std::string_view hash) {
    const auto n = values.number(mem_cost);
    const auto r = values.number("r");
    const auto p = values.number("p");
    const auto salt_bytes = decode_base64_any(salt);
    const auto hash_bytes = decode_base64_any(hash);
    if (!n || !r || !p || !salt_bytes || !hash_bytes) return std::nullopt;
    return Firebase{.mem_cost = *n,
                    .rounds = *r,
                    .parallelism = *p,
                    .salt = *salt_bytes,
                    .separator = {},
                    .signer_key = {},
                    .signer_key_token = {},
                    .expected = *hash_bytes};
}

// "$fbscrypt$v=1,n=,r=,p=,ss=,sk=$salt$hash" and ours.
std::optional<Firebase> read_supabase(std::string_view rest, bool ours) {
    const auto fields = split(rest, '$');
    const auto values = KeyValues::parse(fields.front());
    if (fields.size() != 3 || !values || !values->only({"v", "n", "r", "p", "ss", "sk"}) || values->find("v").value_or("1") != "1")
        return std::nullopt;
    auto out = read_common(*values, "n", fields[1], fields[2]);
    const auto separator = decode_base64_any(values->find("ss").value_or(""));
    const std::string_view signer = values->find("sk").value_or("");
    if (!out || !separator) return std::nullopt;
    out->separator = *separator;
    if (ours) {
        if (!is_secret_token(signer)) return std::nullopt;
        out->signer_key_token = signer;
        return out;
    }
    const auto key = decode_base64_any(signer);
    if (!key) return std::nullopt;
    out->signer_key = *key;
    return out;
}

// "$firescrypt$ln=,r=,p=$salt$hash$separator$signer"
std::optional<Firebase> read_ory(std::string_view rest) {
    const auto fields = split(rest, '$');
    const auto values = KeyValues::parse(fields.front());
    if (fields.size() != 5 || !values || !values->only({"ln", "r", "p"})) return std::nullopt;
    auto out = read_common(*values, "ln", fields[1], fields[2]);
    const auto separator = decode_base64_any(fields[3]);
    const auto signer = decode_base64_any(fields[4]);
    if (!out || !separator || !signer) return std::nullopt;
    out->separator = *separator;
    out->signer_key = *signer;
    return out;
}

std::optional<Firebase> read(std::string_view encoded) {
    if (encoded.starts_with(kOurs)) return read_supabase(encoded.substr(kOurs.size()), true);
    if (encoded.starts_with(kSupabase)) return read_supabase(encoded.substr(kSupabase.size()), false);
    return read_ory(encoded.substr(kOry.size()));
}

class FirebaseScheme final : public Scheme {
public:
    std::string_view name() const override { return "firebase"; }
    std::vector<Form> forms() const override {
        return {{"$fbscrypt$v=1,n=MEMCOST,r=ROUNDS,p=1,ss=SEPARATOR,sk=SIGNER$SALT$HASH", "Supabase"},
                {"$firescrypt$ln=MEMCOST,r=ROUNDS,p=1$SALT$HASH$SEPARATOR$SIGNER", "Ory Kratos"},
                {"$godwit-firebase$…", "what these and declared ones are stored as: the signer key sealed or by reference"}};
    }
    bool claims(std::string_view encoded) const override {
        return encoded.starts_with(kOurs) || encoded.starts_with(kSupabase) || encoded.starts_with(kOry);
    }
    Result<RecipePtr> parse(std::string_view encoded) const override {
        auto parameters = read(encoded);
        if (!parameters) return refused("a Firebase hash with a part that is missing or not base64");
        return std::make_unique<FirebaseRecipe>(std::move(*parameters));
    }
    Result<std::string> protect(std::string_view encoded, const SecretKeeper* secrets) const override {
        auto parameters = read(encoded);
        if (!parameters) return refused("a Firebase hash with a part that is missing or not base64");
        if (!parameters->signer_key_token.empty()) return std::string(encoded);
        parameters->signer_key_token = TRY(sealed_token(base64_encode(parameters->signer_key), secrets));
        return encode_firebase(*parameters);
    }
};

}  // namespace

std::string encode_firebase(const Firebase& f) {
    return std::string(kOurs) + "n=" + std::to_string(f.mem_cost) + ",r=" + std::to_string(f.rounds) +
           ",p=" + std::to_string(f.parallelism) + ",ss=" + base64_encode(f.separator) + ",sk=" + f.signer_key_token + "$" +
           base64_encode(f.salt) + "$" + base64_encode(f.expected);
}

std::unique_ptr<const Scheme> firebase_scheme() { return std::make_unique<FirebaseScheme>(); }

}  // namespace godwit::password
