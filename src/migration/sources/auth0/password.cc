// Source: Auth0's schema of bulk imports (custom_password_hash), of today and of 2019, where `hash` is a text.
#include "migration/sources/auth0/password.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "base/unicode.h"

namespace godwit::migration {
namespace {

constexpr std::array<std::string_view, 6> kDigests{"md4", "md5", "sha1", "sha256", "sha512", "sha384"};
constexpr std::array<std::string_view, 6> kHmacs{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"};

class Mapper {
public:
    Mapper(JsonFields& fields, v1::UserRecord& record) : fields_(fields), record_(record) {
        algorithm_ = to_ascii_lower(fields.text({"algorithm"}));
        JsonFields today = old_shape() ? JsonFields(fields.path_of("hash"), fields.origin()) : fields.object({"hash"});
        value_ = old_value_.empty() ? today.text({"value"}) : old_value_;
        encoding_ = old_value_.empty() ? today.text({"encoding"}) : fields.text({"encoding"});
        digest_ = to_ascii_lower(today.text({"digest"}));
        JsonFields key = today.object({"key"});
        key_ = key.text({"value"}), key_encoding_ = key.text({"encoding"});
        JsonFields salt = fields.object({"salt"});
        salt_ = salt.text({"value"}), salt_encoding_ = salt.text({"encoding"}), salt_position_ = salt.text({"position"});
        for (const auto& [name, position] : {std::pair{"salt_prefix", "prefix"}, {"salt_suffix", "suffix"}})
            if (std::string old = fields.text({name}); !old.empty()) salt_ = old, salt_position_ = position;
        password_encoding_ = to_ascii_lower(fields.object({"password"}).text({"encoding"}));
    }

    void map() {
        if (value_.empty()) return lost("password.bad_parameters");
        if (algorithm_ == "bcrypt" || algorithm_ == "argon2" || algorithm_ == "ldap") {
            fields_.ignore({"cost", "keylen", "blockSize", "parallelization"});
            return give(algorithm_ == "ldap" || encoding_.empty() || encoding_ == "utf8" ? value_
                                                                                         : decoded(value_, encoding_).value_or(value_));
        }
        if (algorithm_ == "pbkdf2") return give(phc_with_defaults());
        if (algorithm_ == "scrypt") return scrypt();
        if (algorithm_ == "hmac") return hmac();
        if (std::ranges::find(kDigests, algorithm_) == kDigests.end()) return lost("password.unsupported");
        declare("encoding", encoding_ == "base64" ? "base64" : "hex");
        declare_salt("prefix");
        declare_password_encoding();
        give(value_, algorithm_);
    }

private:
    /// In 2019 the hash was a text and stood beside its encoding.
    bool old_shape() {
        for (const auto& [name, value] : fields_.rest()) {
            std::string_view text;
            if (name == "hash" && value.get(text) == simdjson::SUCCESS) {
                old_value_ = text;
                fields_.ignore({"hash"});
            }
        }
        return !old_value_.empty();
    }

    static std::optional<std::string> decoded(std::string_view text, std::string_view encoding) {
        if (encoding == "base64") return base64_decode_lenient(text);
        if (encoding == "hex") return hex_decode(text);
        return std::string(text);
    }

    /// "$pbkdf2-sha512$SALT$HASH" leaves out what Auth0 takes for granted.
    std::string phc_with_defaults() const {
        const auto parts = split(value_, '$');
        if (parts.size() != 4) return value_;
        return "$" + std::string(parts[1]) + "$i=100000,l=64$" + std::string(parts[2]) + "$" + std::string(parts[3]);
    }

    void scrypt() {
        declare("encoding", encoding_ == "base64" ? "base64" : "hex");
        for (const auto& [theirs, ours, otherwise] :
             {std::tuple{"cost", "cost", 16384}, {"blockSize", "blockSize", 8}, {"parallelization", "parallelism", 1}})
            declare(ours, std::to_string(fields_.number({theirs}).value_or(otherwise)));
        if (const auto length = fields_.number({"keylen"})) declare("keyLength", std::to_string(*length));
        declare("salt", salt_);
        declare("saltEncoding", salt_encoding_.empty() ? "utf8" : salt_encoding_);
        give(value_, "scrypt");
    }

    void hmac() {
        if (std::ranges::find(kHmacs, digest_) == kHmacs.end()) return lost("password.unsupported");
        declare("encoding", encoding_ == "base64" ? "base64" : "hex");
        const auto key = decoded(key_, key_encoding_);
        if (!key || key->empty()) return lost("password.bad_parameters");
        if (is_valid_utf8(*key)) {  // sealed, as one key is often that of all users
            declare("key", *key);
            declare_salt("prefix");
        } else if (salt_.empty()) {
            declare("salt", key_);
            declare("saltEncoding", key_encoding_);
        } else {
            return lost("password.unsupported");
        }
        declare_password_encoding();
        give(value_, "hmac-" + digest_);
    }

    void declare_salt(std::string_view otherwise) {
        if (salt_.empty()) return;
        declare("salt", salt_);
        declare("saltEncoding", salt_encoding_.empty() ? "utf8" : salt_encoding_);
        declare("saltPosition", salt_position_.empty() ? std::string(otherwise) : salt_position_);
    }
    void declare_password_encoding() {
        if (password_encoding_ == "utf16le" || password_encoding_ == "ucs2") declare("passwordEncoding", "utf16le");
        if (password_encoding_ == "latin1" || password_encoding_ == "binary") declare("passwordEncoding", "latin1");
    }
    void declare(std::string_view name, const std::string& value) {
        (*parameters_.mutable_fields())[std::string(name)].set_string_value(value);
    }

    void give(const std::string& value, std::string_view algorithm = {}) {
        v1::Password& password = *record_.mutable_password();
        password.set_hash(value);
        if (algorithm.empty()) return;
        password.set_algorithm(std::string(algorithm));
        *password.mutable_parameters() = parameters_;
    }
    void lost(std::string_view code) { fields_.lost(code, ""); }

    JsonFields& fields_;
    v1::UserRecord& record_;
    std::string algorithm_, value_, old_value_, encoding_, digest_, key_, key_encoding_, salt_, salt_encoding_, salt_position_,
        password_encoding_;
    google::protobuf::Struct parameters_;
};

}  // namespace

void map_auth0_password_hash(JsonFields hash, v1::UserRecord& record) {
    if (hash.empty()) return;
    Mapper(hash, record).map();
    hash.rest_is_lost();
}

}  // namespace godwit::migration
