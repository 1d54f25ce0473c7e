#include "credentials/password/declared.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/encoding.h"
#include "credentials/password/argon2.h"
#include "credentials/password/arguments.h"
#include "credentials/password/bcrypt.h"
#include "credentials/password/firebase.h"
#include "credentials/password/ntlm.h"
#include "credentials/password/pbkdf2.h"
#include "credentials/password/salted.h"
#include "credentials/password/scrypt.h"
#include "credentials/password/text.h"

namespace godwit::password {

namespace {

constexpr std::string_view kHmac = "hmac-";

// A digest of known size shows its encoding by its length.
Result<std::string> sized_value(std::string_view value, std::size_t bytes, Arguments& arguments) {
    const std::string encoding = TRY(arguments.choice("encoding", {"auto", "hex", "base64"}));
    if (encoding != "base64" && is_hex(value, bytes)) return *hex_decode(value);
    if (encoding != "hex") {
        const auto decoded = decode_base64_any(value);
        if (decoded && decoded->size() == bytes) return *decoded;
    }
    return refused("the value is not the hex or base64 of " + std::to_string(bytes) + " bytes");
}

// A derived key has any size: hex digits are valid base64 as well, so they need the word.
Result<std::string> unsized_value(std::string_view value, Arguments& arguments) {
    const std::string encoding = TRY(arguments.choice("encoding", {"auto", "hex", "base64"}));
    const std::uint64_t length = TRY(arguments.number("keyLength", 0));
    if (encoding == "auto" && length == 0 && is_hex(value))
        return refused("the value could be hex or base64; declare 'encoding' or 'keyLength'");
    const auto hex = encoding != "base64" && is_hex(value) ? hex_decode(value) : std::nullopt;
    const auto base64 = encoding != "hex" ? decode_base64_any(value) : std::nullopt;
    for (const auto& bytes : {hex, base64}) {
        if (bytes && (length == 0 || bytes->size() == length)) return *bytes;
    }
    return refused("the value is not in the declared encoding or length");
}

Salted plain_salted(Hash hash) {
    Salted out;
    out.hash = hash;
    return out;
}

Result<std::string> secret_token(std::string_view literal, std::string_view reference, Arguments& arguments, const SecretKeeper* secrets) {
    const auto secret = arguments.take(literal);
    const auto name = arguments.take(reference);
    if (secret && name) return refused("give '" + std::string(literal) + "' or '" + std::string(reference) + "', not both");
    if (secret && secret->empty()) return refused("the parameter '" + std::string(literal) + "' is empty");
    if (name) return reference_token(*name);
    return secret ? sealed_token(*secret, secrets) : Result<std::string>(std::string());
}

Result<std::string> encode_digest(std::string_view value, std::string_view name, Arguments& arguments, const SecretKeeper*) {
    Salted out = plain_salted(*find_hash(name));
    out.salt = TRY(arguments.bytes("salt"));
    const auto place = arguments.take("saltPosition");
    if (!out.salt.empty()) {
        // Which side the salt stands on is a question of two readings: never assumed.
        if (!place) return refused("a salt needs 'saltPosition': prefix or suffix");
        const auto found = find_place(*place);
        if (!found || *found == Salted::Place::none || *found == Salted::Place::key)
            return refused("the parameter 'saltPosition' is one of prefix, suffix, braces");
        out.place = *found;
    }
    out.rounds = TRY(arguments.number("iterations", 1));
    out.step = *find_step(TRY(arguments.choice("iterationStep", {"plain", "hex", "merged"})));
    out.text = *find_text(TRY(arguments.choice("passwordEncoding", {"utf8", "utf16le", "latin1"})));
    out.expected = TRY(sized_value(value, hash_size(out.hash), arguments));
    return encode_salted(out);
}

Result<std::string> encode_hmac(std::string_view value, std::string_view name, Arguments& arguments, const SecretKeeper* secrets) {
    Salted out = plain_salted(*find_hash(name.substr(kHmac.size())));
    out.hmac = true;
    out.salt = TRY(arguments.bytes("salt"));
    out.key_token = TRY(secret_token("key", "keyRef", arguments, secrets));
    const auto place = arguments.take("saltPosition");
    if (out.key_token.empty()) {
        if (out.salt.empty()) return refused("an HMAC needs a 'salt' that is its key, or a 'key' or 'keyRef'");
        if (place && *place != "key") return refused("without 'key' or 'keyRef' the salt is the key");
        out.place = Salted::Place::key;
    } else if (!out.salt.empty()) {
        if (place != "prefix" && place != "suffix") return refused("a salt beside a key needs 'saltPosition': prefix or suffix");
        out.place = place == "prefix" ? Salted::Place::prefix : Salted::Place::suffix;
    }
    out.text = *find_text(TRY(arguments.choice("passwordEncoding", {"utf8", "utf16le", "latin1"})));
    out.expected = TRY(sized_value(value, hash_size(out.hash), arguments));
    return encode_salted(out);
}

Result<std::string> encode_nt(std::string_view value, std::string_view, Arguments& arguments, const SecretKeeper*) {
    return encode_ntlm(hex_encode(TRY(sized_value(value, 16, arguments))));
}

Result<std::string> encode_symfony(std::string_view value, std::string_view, Arguments& arguments, const SecretKeeper*) {
    const auto hash = find_hash(arguments.take("digest").value_or("sha512"));
    if (!hash) return refused("the parameter 'digest' is not a known digest");
    Salted out = plain_salted(*hash);
    out.place = Salted::Place::braces;
    out.step = Salted::Step::merged;
    out.salt = TRY(arguments.bytes("salt"));
    out.rounds = TRY(arguments.number("iterations", 5000));
    out.expected = TRY(sized_value(value, hash_size(out.hash), arguments));
    return encode_salted(out);
}

// "hex:salt", the salt behind (Joomla) or before (Magento 1).
Result<std::string> encode_hex_and_salt(std::string_view value, std::string_view name, Arguments&, const SecretKeeper*) {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos || !is_hex(value.substr(0, colon), 16) || value.size() == colon + 1)
        return refused("the value is not 32 hex digits, ':' and a salt");
    Salted out = plain_salted(Hash::md5);
    out.place = name == "joomla" ? Salted::Place::suffix : Salted::Place::prefix;
    out.salt = value.substr(colon + 1);
    out.expected = *hex_decode(value.substr(0, colon));
    return encode_salted(out);
}

Result<std::string> encode_firebase_parts(std::string_view value, std::string_view, Arguments& arguments, const SecretKeeper* secrets) {
    Firebase out;
    const auto salt = decode_base64_any(TRY(arguments.required("salt")));
    const auto separator = decode_base64_any(arguments.take("saltSeparator").value_or(""));
    const auto expected = decode_base64_any(value);
    if (!salt || !separator || !expected) return refused("value, salt and saltSeparator of Firebase are base64");
    out.salt = *salt;
    out.separator = *separator;
    out.expected = *expected;
    out.rounds = TRY(arguments.number("rounds", std::nullopt));
    out.mem_cost = TRY(arguments.number("memCost", std::nullopt));
    out.signer_key_token = TRY(secret_token("signerKey", "signerKeyRef", arguments, secrets));
    if (out.signer_key_token.empty()) return refused("Firebase needs the 'signerKey' or 'signerKeyRef' of its hash parameters");
    return encode_firebase(out);
}

Result<std::string> encode_bcrypt_parts(std::string_view value, std::string_view, Arguments& arguments, const SecretKeeper*) {
    const std::uint64_t cost = TRY(arguments.number("cost", std::nullopt));
    const std::string salt = TRY(arguments.required("salt"));
    if (cost > 31) return refused("the cost of bcrypt is not between 4 and 31");
    return "$2b$" + std::string(cost < 10 ? "0" : "") + std::to_string(cost) + "$" + salt + std::string(value);
}

Result<std::string> encode_pbkdf2_parts(std::string_view value, std::string_view name, Arguments& arguments, const SecretKeeper*) {
    const std::string digest =
        name == "pbkdf2" ? TRY(arguments.required("digest")) : std::string(name.substr(std::string_view("pbkdf2-").size()));
    const auto hash = find_pbkdf2_hash(digest);
    if (!hash) return refused("the parameter 'digest' is not a known digest");
    Pbkdf2 out{.hash = *hash,
               .iterations = TRY(arguments.number("iterations", std::nullopt)),
               .salt = TRY(arguments.bytes("salt")),
               .expected = {}};
    out.expected = TRY(unsized_value(value, arguments));
    return encode_pbkdf2(out);
}

Result<std::string> encode_scrypt_parts(std::string_view value, std::string_view, Arguments& arguments, const SecretKeeper*) {
    Scrypt out{.n = TRY(arguments.number("cost", std::nullopt)),
               .r = TRY(arguments.number("blockSize", 8)),
               .p = TRY(arguments.number("parallelism", 1)),
               .salt = TRY(arguments.bytes("salt")),
               .expected = {}};
    if (out.n < 2 || (out.n & (out.n - 1)) != 0 || out.n >= std::uint64_t{1} << 32)
        return refused("the parameter 'cost' is N itself, a power of two");
    out.expected = TRY(unsized_value(value, arguments));
    return encode_scrypt(out);
}

Result<std::string> encode_argon2_parts(std::string_view value, std::string_view name, Arguments& arguments, const SecretKeeper*) {
    Argon2 out{.type = name == "argon2id"  ? Argon2Type::id
                       : name == "argon2i" ? Argon2Type::i
                                           : Argon2Type::d,
               .version = TRY(arguments.number("version", 19)),
               .memory_kib = TRY(arguments.number("memory", std::nullopt)),
               .passes = TRY(arguments.number("iterations", std::nullopt)),
               .lanes = TRY(arguments.number("parallelism", 1)),
               .salt = TRY(arguments.bytes("salt")),
               .data = {},
               .expected = {}};
    out.expected = TRY(unsized_value(value, arguments));
    return encode_argon2(out);
}

bool sized_shape(std::string_view value, std::size_t bytes) {
    if (is_hex(value, bytes)) return true;
    const auto decoded = decode_base64_any(value);
    return decoded && decoded->size() == bytes;
}
bool digest_shape(std::string_view value, std::string_view name) {
    return sized_shape(value, hash_size(*find_hash(name.substr(name.starts_with(kHmac) ? kHmac.size() : 0))));
}
bool nt_shape(std::string_view value, std::string_view) { return sized_shape(value, 16); }
bool sha512_shape(std::string_view value, std::string_view) { return sized_shape(value, 64); }
bool bcrypt_shape(std::string_view value, std::string_view) { return value.size() == 31 && decode_rad64(value); }
bool hex_and_salt_shape(std::string_view value, std::string_view) {
    return value.size() > 33 && value[32] == ':' && is_hex(value.substr(0, 32), 16);
}
bool key_shape(std::string_view value, std::string_view) {
    const auto decoded = decode_base64_any(value);
    return (is_hex(value) && value.size() >= 2 * kMinDigestBytes) ||
           (decoded && decoded->size() >= kMinDigestBytes && decoded->size() <= 128);
}

constexpr DeclaredParameter kSalt{"salt", "the salt"};
constexpr DeclaredParameter kSaltEncoding{"saltEncoding", "utf8 (default: the text as it stands), hex, base64"};
constexpr DeclaredParameter kEncoding{"encoding", "of the value: hex or base64; by its length when not given"};
constexpr DeclaredParameter kKeyEncoding{"encoding",
                                         "of the value: hex or base64; needed when the value is all hex digits and keyLength is not given"};
constexpr DeclaredParameter kKeyLength{"keyLength", "bytes of the value"};
constexpr DeclaredParameter kText{"passwordEncoding", "utf8 (default), utf16le, latin1"};
constexpr DeclaredParameter kRequiredIterations{"iterations", "required"};

const std::vector<DeclaredAlgorithm>& table() {
    static const std::vector<DeclaredAlgorithm> rows{
        {{"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "md4"},
         {{"md5plain", "md5"}, {"sha", "sha1"}},
         "digest of the password, with or without a salt",
         {kSalt,
          kSaltEncoding,
          {"saltPosition", "prefix, suffix or braces (password{salt}); required with a salt"},
          {"iterations", "1"},
          {"iterationStep",
           "what each further iteration digests: plain (the last digest, default), hex (its hex digits), merged (the last digest and the "
           "first input)"},
          kText,
          kEncoding},
         encode_digest,
         digest_shape},
        {{"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"},
         {},
         "HMAC of the password; its key is the user's salt, or one secret for all",
         {kSalt,
          kSaltEncoding,
          {"key", "one secret for all users, stored sealed; the salt then stands in the message"},
          {"keyRef", "the name of such a secret"},
          {"saltPosition", "key (default), or prefix, suffix when there is a key"},
          kText,
          kEncoding},
         encode_hmac,
         digest_shape},
        {{"ntlm"}, {{"nthash", "ntlm"}}, "Windows: MD4 of the password in UTF-16LE", {kEncoding}, encode_nt, nt_shape},
        {{"symfony"},
         {{"sha512-symfony", "symfony"}},
         "Symfony's MessageDigestPasswordEncoder",
         {kSalt, kSaltEncoding, {"digest", "sha512"}, {"iterations", "5000"}, kEncoding},
         encode_symfony,
         sha512_shape},
        {{"joomla", "magento"},
         {{"magento1", "magento"}},
         "the value is hex:salt, MD5 of password and salt (Joomla 1.5 to 2.5) or of salt and password (Magento 1)",
         {},
         encode_hex_and_salt,
         hex_and_salt_shape},
        {{"firebase-scrypt"},
         {{"scrypt-firebase", "firebase-scrypt"}, {"firebase", "firebase-scrypt"}},
         "Firebase Authentication, with the project's hash parameters",
         {{"salt", "base64, required"},
          {"saltSeparator", "base64"},
          {"rounds", "required"},
          {"memCost", "required"},
          {"signerKey", "base64, stored sealed"},
          {"signerKeyRef", "the name of a secret that holds the base64 text"}},
         encode_firebase_parts,
         sha512_shape},
        {{"bcrypt"},
         {},
         "bcrypt stored in parts (Okta, FusionAuth): the value is the 31 characters of the digest",
         {{"cost", "required"}, {"salt", "22 characters of bcrypt's base64, required"}},
         encode_bcrypt_parts,
         bcrypt_shape},
        {{"pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha384", "pbkdf2-sha512"},
         {},
         "PBKDF2 stored in parts",
         {{"digest", "required when the name has none"}, kRequiredIterations, kSalt, kSaltEncoding, kKeyEncoding, kKeyLength},
         encode_pbkdf2_parts,
         key_shape},
        {{"scrypt"},
         {},
         "scrypt stored in parts",
         {{"cost", "N itself, required"}, {"blockSize", "8"}, {"parallelism", "1"}, kSalt, kSaltEncoding, kKeyEncoding, kKeyLength},
         encode_scrypt_parts,
         key_shape},
        {{"argon2id", "argon2i", "argon2d"},
         {},
         "Argon2 stored in parts",
         {{"memory", "KiB, required"},
          kRequiredIterations,
          {"parallelism", "1"},
          {"version", "19"},
          kSalt,
          kSaltEncoding,
          kKeyEncoding,
          kKeyLength},
         encode_argon2_parts,
         key_shape},
    };
    return rows;
}

constexpr std::array<DeclaredParameter, 3> kCommon{
    {{"pepper", "a secret of the whole legacy system joined to each password; stored sealed"},
     {"pepperRef", "the name of such a secret"},
     {"pepperPosition", "suffix (default) or prefix"}}};

struct Found {
    const DeclaredAlgorithm* row;
    std::string_view name;
};

std::optional<Found> find_declared(std::string_view declared) {
    const std::string wanted = normalised_name(declared);
    for (const DeclaredAlgorithm& row : table()) {
        for (const std::string_view name : row.names) {
            if (normalised_name(name) == wanted) return Found{&row, name};
        }
        for (const auto& [alias, name] : row.aliases) {
            if (normalised_name(alias) == wanted) return Found{&row, name};
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const DeclaredAlgorithm> declared_algorithms() { return table(); }
std::span<const DeclaredParameter> common_parameters() { return kCommon; }
bool is_declared_algorithm(std::string_view name) { return find_declared(name).has_value(); }

Result<std::string> encode_declared(std::string_view value, const Declaration& declaration, const SecretKeeper* secrets) {
    const auto found = find_declared(declaration.algorithm);
    if (!found)
        return refused("the value is not recognised, and '" + declaration.algorithm.substr(0, 100) +
                       "' is not an algorithm that can be declared");
    auto arguments = TRY(Arguments::from(declaration.parameters));
    auto encoded = TRY(found->row->encode(value, found->name, arguments, secrets));
    TRY(arguments.finish());
    return encoded;
}

std::vector<std::string> possible_declarations(std::string_view value) {
    std::vector<std::string> out;
    for (const DeclaredAlgorithm& row : table()) {
        for (const std::string_view name : row.names) {
            if (row.looks_like(value, name)) out.emplace_back(name);
        }
    }
    return out;
}

Result<PepperChoice> take_pepper(Declaration& declaration, const SecretKeeper* secrets) {
    std::map<std::string, std::string> mine;
    for (const DeclaredParameter& common : kCommon) {
        for (auto it = declaration.parameters.begin(); it != declaration.parameters.end();) {
            const bool same = normalised_name(it->first) == normalised_name(common.name);
            if (same && !mine.emplace(it->first, it->second).second) return refused("the parameter '" + it->first + "' is given twice");
            it = same ? declaration.parameters.erase(it) : std::next(it);
        }
    }
    auto arguments = TRY(Arguments::from(mine));
    PepperChoice out;
    out.suffix = TRY(arguments.choice("pepperPosition", {"suffix", "prefix"})) == "suffix";
    out.token = TRY(secret_token("pepper", "pepperRef", arguments, secrets));
    return out;
}

}  // namespace godwit::password
