// Forms: OTPCredentialModel, WebAuthnCredentialModel, RecoveryAuthnCodesCredentialModel and PasswordCredentialModel of Keycloak 8 to 26;
// before version 8 the fields stood in the credential itself.
#include "migration/sources/keycloak/credentials.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace godwit::migration {
namespace {

/// secretData and credentialData, opened. A hand-written file may have them as objects.
class Data {
public:
    Data(JsonFields& credential, std::string_view name) {
        const auto value = credential.take({name});
        if (!value) return;
        std::string_view text;
        if (value->get(text) != simdjson::SUCCESS) {
            root_ = *value;
            return;
        }
        auto parsed = JsonText::parse(text);
        if (!parsed) return;
        json_ = std::move(*parsed);
        root_ = json_->root();
    }
    JsonFields fields(const std::string& path, v1::Origin& origin) const {
        return root_ ? JsonFields(*root_, path, origin) : JsonFields(path, origin);
    }

private:
    std::optional<JsonText> json_;
    std::optional<simdjson::dom::element> root_;
};

class Mapper {
public:
    Mapper(const simdjson::dom::element& credential, std::string path, const KeycloakRealm& realm, v1::UserRecord& record)
        : credential_(credential),
          path_(std::move(path)),
          realm_(realm),
          record_(record),
          fields_(credential, path_, *record.mutable_origin()) {
        type_ = fields_.text({"type"});
        label_ = fields_.text({"userLabel"});
        // Of the row, not of the secret.
        fields_.ignore({"id", "createdDate", "priority", "temporary", "device", "config", "federationLink"});
    }

    void map() {
        if (type_ == "password") return password();
        if (type_ == "otp" || type_ == "totp" || type_ == "hotp") return otp();
        if (type_ == "webauthn" || type_ == "webauthn-passwordless") return passkey();
        if (type_ == "recovery-authn-codes") return recovery_codes();
        lost("factor.unsupported");
    }

private:
    void lost(std::string_view code) { note_lost(*record_.mutable_origin(), code, path_); }
    JsonFields within(const Data& data) { return data.fields(path_, scratch_); }

    void password() {
        if (!record_.password().hash().empty() || !record_.password().plain().empty()) return lost("password.two_given");
        simdjson::dom::object object;
        if (credential_.get(object) != simdjson::SUCCESS) return lost("password.bad_parameters");
        simdjson::dom::element plain, old;
        bool temporary = false;
        if (object["temporary"].get(temporary) == simdjson::SUCCESS && temporary) record_.mutable_password()->set_change_required(true);
        if (std::string_view text; object["value"].get(text) == simdjson::SUCCESS && !text.empty()) {
            record_.mutable_password()->set_plain(std::string(text));  // a file written by hand
            return;
        }
        JsonObject hash;
        if (object["hashedSaltedValue"].get(old) == simdjson::SUCCESS) {
            hash.set_json("secretData", before_version_8(object, {{"value", "hashedSaltedValue"}, {"salt", "salt"}}));
            hash.set_json("credentialData", before_version_8(object, {{"hashIterations", "hashIterations"}, {"algorithm", "algorithm"}}));
        } else {
            for (const std::string_view name : {"secretData", "credentialData"}) {
                simdjson::dom::element value;
                if (object[name].get(value) != simdjson::SUCCESS) return lost("password.bad_parameters");
                hash.set_json(name, to_text(value));
            }
        }
        // The credential as it stands is a form of docs/password-hashes.md.
        record_.mutable_password()->set_hash(hash.text());
    }

    static std::string before_version_8(const simdjson::dom::object& object,
                                        std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
        JsonObject out;
        for (const auto& [to, from] : names) {
            simdjson::dom::element value;
            if (object[from].get(value) == simdjson::SUCCESS) out.set_json(to, to_text(value));
        }
        return out.text();
    }

    void otp() {
        const Data secret(fields_, "secretData"), about(fields_, "credentialData");
        JsonFields key = within(secret), how = within(about);
        const bool old = how.empty();  // before version 8
        JsonFields& from = old ? fields_ : how;
        const std::string sub_type = old ? type_ : from.text({"subType"});
        if (sub_type == "hotp") return lost("totp.counter_based");
        const std::string value = old ? from.text({"value"}) : key.text({"value"});
        const auto bytes = from.text({"secretEncoding"}) == "BASE32" ? base32_decode_lenient(value) : std::optional(value);
        const std::string algorithm = from.text({"algorithm"});
        const std::int64_t digits = from.number({"digits"}).value_or(6), period = from.number({"period"}).value_or(30);
        const bool known = algorithm.empty() || algorithm == "HmacSHA1" || algorithm == "HmacSHA256" || algorithm == "HmacSHA512";
        if (!bytes || bytes->empty() || !known || digits < 6 || digits > 8 || period < 1 || period > 3600) return lost("totp.bad_key");
        v1::Totp& totp = *record_.add_totp();
        totp.set_key(base32_encode(*bytes));
        totp.set_algorithm(algorithm.empty() ? "SHA1" : algorithm.substr(4));
        totp.set_digits(static_cast<std::int32_t>(digits));
        totp.set_period(static_cast<std::int32_t>(period));
        totp.set_name(label_);
    }

    void passkey() {
        const Data about(fields_, "credentialData");
        JsonFields data = within(about);
        const auto id = base64_decode_lenient(data.text({"credentialId"}));
        const auto key = base64_decode_lenient(data.text({"credentialPublicKey"}));
        if (!id || id->empty() || !key || key->empty()) return lost("passkey.bad");
        const bool passwordless = type_ == "webauthn-passwordless";
        v1::Passkey& passkey = *record_.add_passkeys();
        passkey.set_credential_id(base64_encode(*id, Base64::url));
        passkey.set_public_key(base64_encode(*key, Base64::url));
        passkey.set_sign_count(static_cast<std::uint32_t>(std::clamp<std::int64_t>(data.number({"counter"}).value_or(0), 0, UINT32_MAX)));
        passkey.set_aaguid(data.text({"aaguid"}));
        for (std::string& transport : data.texts({"transports"})) passkey.add_transports(to_ascii_lower(transport));
        passkey.set_user_handle(base64_encode(record_.source_id(), Base64::url));
        passkey.set_rp_id(passwordless ? realm_.passwordless_rp_id : realm_.rp_id);
        if (passkey.rp_id().empty()) note(*record_.mutable_origin(), "passkey.no_rp_id");
        passkey.set_name(label_);
        passkey.set_kind(passwordless ? "passkey" : "u2f");
    }

    void recovery_codes() {
        const Data secret(fields_, "secretData"), about(fields_, "credentialData");
        JsonFields codes = within(secret), how = within(about);
        const std::string algorithm = how.text({"algorithm"});
        // Named RS512 until version 26, and SHA-512 of the code all the time.
        if (algorithm != "RS512" && algorithm != "SHA-512") return lost("recovery_codes.unsupported");
        if (how.number({"hashIterations"}).value_or(1) != 1) return lost("recovery_codes.unsupported");
        for (const auto& [path, code] : codes.list({"codes"})) {
            const auto digest = base64_decode_lenient(JsonFields(code, path, scratch_).text({"encodedHashedValue"}));
            if (!digest || digest->size() != 64) {
                lost("recovery_codes.unsupported");
                continue;
            }
            record_.add_recovery_codes()->set_hash("$sha512$" + base64_encode(*digest));
        }
    }

    const simdjson::dom::element& credential_;
    std::string path_;
    const KeycloakRealm& realm_;
    v1::UserRecord& record_;
    JsonFields fields_;
    std::string type_, label_;
    v1::Origin scratch_;  ///< of what stands within the data: the credential as a whole is what is kept or lost
};

}  // namespace

void map_keycloak_credential(const simdjson::dom::element& credential, const std::string& path, const KeycloakRealm& realm,
                             v1::UserRecord& record) {
    Mapper(credential, path, realm, record).map();
}

}  // namespace godwit::migration
