// Plain, salted, iterated and keyed digests: what systems without a password KDF store, in all its arrangements.
#pragma once

#include <optional>

#include "credentials/password/digest.h"
#include "credentials/password/scheme.h"

namespace godwit::password {

struct Salted {
    enum class Place {
        none,    ///< H(password)
        prefix,  ///< H(salt password)
        suffix,  ///< H(password salt)
        braces,  ///< H(password "{" salt "}"), Symfony and old Spring
        key,     ///< HMAC(key = salt, password)
    };
    /// From the second round on.
    enum class Step {
        plain,   ///< x = H(x)
        hex,     ///< x = H(lower-hex(x))
        merged,  ///< x = H(x message), Symfony
    };
    enum class Text { utf8, utf16le, latin1 };  ///< the bytes of the password

    Hash hash = Hash::sha256;
    bool hmac = false;      ///< HMAC under `salt` (Place::key) or under the secret `key_token`
    std::string key_token;  ///< see secrets.h; only with hmac, and then the salt stands in the message
    Place place = Place::none;
    Step step = Step::plain;
    Text text = Text::utf8;
    std::uint64_t rounds = 1;
    std::string salt;
    std::string expected;
};
RecipePtr make_recipe(Salted parameters);
/// One round over the password in UTF-8 with the salt at `place`; Place::key makes it an HMAC.
RecipePtr make_digest(Hash hash, Salted::Place place, std::string salt, std::string expected);

/// Ours, for what has no form of its own: "$godwit-digest$alg=sha256,at=suffix,rounds=1,step=plain,text=utf8$<b64 salt>$<b64 digest>".
std::string encode_salted(const Salted& parameters);

/// "prefix", "suffix", …; nullopt for others.
std::optional<Salted::Place> find_place(std::string_view name);
std::optional<Salted::Step> find_step(std::string_view name);
std::optional<Salted::Text> find_text(std::string_view name);

}  // namespace godwit::password
