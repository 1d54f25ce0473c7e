#include "directory/user/authenticators.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "base/url.h"
#include "crypto/digest.h"
#include "crypto/sealer.h"
#include "directory/user/row.h"
#include "directory/user/totps.h"
#include "store/event_body.h"

namespace godwit::user {
namespace {

using store::Blob;

constexpr std::size_t kMaxOfAKind = 100;
constexpr std::size_t kMaxCredentialId = 1'023;  // WebAuthn level 3, section 5.8.3
constexpr std::size_t kMaxCoseKey = 8'192;       // the longest post-quantum keys have room
constexpr std::size_t kMaxUserHandle = 64;       // WebAuthn level 3, section 5.4.3

std::unexpected<Error> refuse(std::string_view id, std::string message) {
    return fail(Code::invalid_argument, std::string(id), std::move(message));
}

bool is_text(std::string_view text, std::size_t max) {
    return is_valid_utf8(text) && !has_control_characters(text) && code_points(text) <= max;
}

/// WebAuthn: an RP ID is a valid domain string (letters, digits and inner hyphens; names of other scripts as "xn--…").
bool is_domain(std::string_view text) {
    const auto is_label = [](std::string_view label) {
        return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '-'; });
    };
    return text.size() <= 253 && std::ranges::all_of(split(text, '.'), is_label);
}

Result<void> accept_totp(const NewTotp& totp) {
    if (totp.key.empty() || totp.key.reveal().size() > 1'024) return refuse("USER-Otp01", "a TOTP key has between 1 and 1,024 bytes");
    if (totp.algorithm != "SHA1" && totp.algorithm != "SHA256" && totp.algorithm != "SHA512")
        return refuse("USER-Otp02", "the algorithm of a TOTP is SHA1, SHA256 or SHA512");
    if (totp.digits < 6 || totp.digits > 8) return refuse("USER-Otp03", "a TOTP has 6, 7 or 8 digits");
    if (totp.period < 1 || totp.period > 3'600) return refuse("USER-Otp04", "the period of a TOTP lies between 1 and 3,600 seconds");
    if (!is_text(totp.name, 200)) return refuse("USER-Otp05", "the name of a TOTP has at most 200 characters, none of them a control one");
    return {};
}

Result<void> accept_passkey(const NewPasskey& passkey) {
    if (passkey.credential_id.empty() || passkey.credential_id.size() > kMaxCredentialId)
        return refuse("USER-Psk01", "the credential id of a passkey has between 1 and 1,023 bytes");
    // RFC 9052 section 7: a COSE_Key is a CBOR map, whose first byte is 0xA0 to 0xBF.
    if (passkey.cose_key.size() < 2 || passkey.cose_key.size() > kMaxCoseKey || (passkey.cose_key.front() & 0xe0) != 0xa0)
        return refuse("USER-Psk02", "the public key of a passkey is a COSE_Key (a CBOR map) of at most 8,192 bytes");
    if (!is_domain(passkey.rp_id))
        return refuse("USER-Psk03", "the RP id of a passkey is the domain it is bound to, in lower case, without scheme and port");
    if (!passkey.aaguid.empty() && passkey.aaguid.size() != 16) return refuse("USER-Psk04", "the AAGUID of a passkey has 16 bytes");
    if (passkey.user_handle.size() > kMaxUserHandle) return refuse("USER-Psk05", "the user handle of a passkey has at most 64 bytes");
    const auto is_transport = [](const std::string& name) {
        return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
    };
    if (passkey.transports.size() > 16 || !std::ranges::all_of(passkey.transports, is_transport))
        return refuse("USER-Psk06", "the transports of a passkey are at most 16 words such as usb, nfc, ble, hybrid, internal");
    if (!is_text(passkey.name, 200))
        return refuse("USER-Psk07", "the name of a passkey has at most 200 characters, none of them a control one");
    return {};
}

bool is_avatar_url(std::string_view text) {
    const auto url = parse_url(text);
    return url && url->scheme == "https" && url->userinfo.empty() && text.size() <= 2'048 && is_valid_utf8(text);
}

}  // namespace

Result<void> accept_authenticators(const NewHuman& human) {
    if (human.totp.size() > kMaxOfAKind || human.passkeys.size() > kMaxOfAKind || human.recovery_codes.size() > kMaxOfAKind)
        return refuse("USER-Fct01", "a person has at most 100 TOTPs, 100 passkeys and 100 recovery codes");
    for (const NewTotp& totp : human.totp) TRY(accept_totp(totp));
    for (const NewPasskey& passkey : human.passkeys) TRY(accept_passkey(passkey));
    for (const std::string& code : human.recovery_codes) {
        if (code.empty() || code.size() > 1'024) return refuse("USER-Rec01", "the hash of a recovery code has between 1 and 1,024 bytes");
    }
    if (human.otp_email && human.email.empty()) return refuse("USER-Otp06", "codes by e-mail need an e-mail address");
    if (human.otp_sms && human.phone.empty()) return refuse("USER-Otp07", "codes by SMS need a phone number");
    if (!human.profile.avatar.empty() && !is_avatar_url(human.profile.avatar))
        return refuse("USER-Avt01", "the avatar is an https:// URL of at most 2,048 characters");
    return {};
}

std::string credential_key(const NewPasskey& passkey) { return crypto::sha256(passkey.credential_id); }

void AuthenticatorRows::add_totp(UserId user, const NewTotp& totp) {
    const std::int64_t id = db_.new_id();
    totp_.insert(totp_.end(), {user, id, Blob{keep(sealer_.seal(totp_place(user, id), totp.key))}, totp.algorithm, totp.digits, totp.period,
                               number(FactorState::ready), totp.name, db_.now()});
}

void AuthenticatorRows::add_passkey(UserId user, const NewPasskey& passkey) {
    const auto unless_empty = [](const std::string& bytes) { return bytes.empty() ? store::Value(nullptr) : store::Value(Blob{bytes}); };
    const std::string_view transports = keep(join(passkey.transports, " "));
    const auto usage = passkey.passwordless ? PasskeyUsage::passwordless : PasskeyUsage::second_factor;
    passkeys_.insert(passkeys_.end(), {user, db_.new_id(), passkey.rp_id, Blob{keep(credential_key(passkey))}, Blob{passkey.credential_id},
                                       Blob{passkey.cose_key}, passkey.sign_count, unless_empty(passkey.aaguid), transports,
                                       unless_empty(passkey.user_handle), (passkey.backup_eligible ? 1 : 0) | (passkey.backed_up ? 2 : 0),
                                       number(usage), number(FactorState::ready), passkey.name, db_.now()});
}

void AuthenticatorRows::add(UserId user, const NewHuman& human, const Happened& happened) {
    for (const NewTotp& totp : human.totp) {
        add_totp(user, totp);
        happened("user.human.mfa.otp.added", "{}");
        happened("user.human.mfa.otp.verified", "{}");
    }
    for (const NewPasskey& passkey : human.passkeys) {
        add_passkey(user, passkey);
        const std::string body = store::EventBody().add("webAuthNTokenName", passkey.name).add("rpID", passkey.rp_id).take();
        happened(passkey.passwordless ? "user.human.passwordless.token.added" : "user.human.mfa.u2f.token.added", body);
        happened(passkey.passwordless ? "user.human.passwordless.token.verified" : "user.human.mfa.u2f.token.verified", body);
    }
    for (std::size_t i = 0; i < human.recovery_codes.size(); ++i)
        recovery_codes_.insert(recovery_codes_.end(), {user, static_cast<std::int64_t>(i + 1), human.recovery_codes[i]});
    if (!human.recovery_codes.empty())
        happened("user.human.recovery_codes.added",
                 store::EventBody().add("count", static_cast<std::int64_t>(human.recovery_codes.size())).take());
    if (human.otp_sms) {
        otp_.insert(otp_.end(), {user, number(OtpKind::sms), db_.now()});
        happened("user.human.otp.sms.added", "{}");
    }
    if (human.otp_email) {
        otp_.insert(otp_.end(), {user, number(OtpKind::email), db_.now()});
        happened("user.human.otp.email.added", "{}");
    }
}

Result<void> AuthenticatorRows::write() {
    const auto insert = [&](std::string_view table, std::string_view columns, std::vector<store::Value>& rows) -> Result<void> {
        if (!rows.empty()) TRY(db_.insert_rows(instance_, table, columns, rows));
        rows.clear();
        return {};
    };
    TRY(insert("user_totp", "instance_no, user_id, id, secret, alg, digits, period, state, name, created_at", totp_));
    TRY(insert("passkeys",
               "instance_no, user_id, id, rp_id, credential_sha256, credential_id, cose_key, sign_count, aaguid, transports, user_handle, "
               "flags, usage, state, name, created_at",
               passkeys_));
    TRY(insert("recovery_codes", "instance_no, user_id, n, encoded", recovery_codes_));
    TRY(insert("user_otp", "instance_no, user_id, kind, created_at", otp_));
    kept_.clear();
    return {};
}

}  // namespace godwit::user
