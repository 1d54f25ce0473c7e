#include "migration/inspect/schema_notes.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace godwit::migration {
namespace {

struct Note {
    std::string_view member;  ///< message and field of record.proto
    std::string_view description;
    std::string_view choice = {};  ///< JSON of what it takes, when that is little
};

constexpr Note kNotes[] = {
    {"UserRecord.v", "Format of the record; 0 or absent is 1.", "[0,1]"},
    {"UserRecord.source_id", "The id in the system it comes from: what makes sending it twice change nothing."},
    {"UserRecord.user_id", "The id wished for here, kept as it is: 1 to 200 characters. Empty: generated."},
    {"UserRecord.organization", "Where the user belongs. Empty: the organization of the job."},
    {"UserRecord.user_name", "Empty: the e-mail address."},
    {"UserRecord.state", "Empty: active.", R"(["","active","inactive","locked"])"},
    {"UserRecord.created_at", "When the user was made in the system it comes from."},
    {"UserRecord.profile", "Of a person."},
    {"UserRecord.email", "The address people are written to."},
    {"UserRecord.phone", "The number people are called at."},
    {"UserRecord.password", "A hash or the password itself, not both."},
    {"UserRecord.totp", "Authenticator apps."},
    {"UserRecord.recovery_codes", "Codes that are not used yet."},
    {"UserRecord.otp_email", "Codes by e-mail are a second factor."},
    {"UserRecord.otp_sms", "Codes by SMS are a second factor."},
    {"UserRecord.passkeys", "Passkeys and security keys."},
    {"UserRecord.idp_links", "Who the person is at identity providers."},
    {"UserRecord.metadata",
     R"(A text is kept as its UTF-8 bytes, {"base64": "..."} as the bytes it stands for, any other value as its JSON.)"},
    {"UserRecord.grants", "Roles of projects."},
    {"UserRecord.groups", "Paths or names; --role-map makes roles of them, the others become metadata migration.groups."},
    {"UserRecord.emails", "Further addresses; they become metadata migration.emails."},
    {"UserRecord.avatar", "A picture."},
    {"UserRecord.consents", "What the person allowed applications; it becomes metadata migration.consents."},
    {"UserRecord.required_actions",
     "What is demanded at the next sign-in: UPDATE_PASSWORD; others become metadata migration.required_actions."},
    {"UserRecord.subject_aliases", "Subjects (sub) by which applications knew this person before."},
    {"UserRecord.type", "Empty: human.", R"(["","human","machine"])"},
    {"UserRecord.machine", "Of a machine user."},
    {"OrganizationRef.id", "Its id."},
    {"OrganizationRef.name", "Its name; --create-org makes one of this name."},
    {"OrganizationRef.domain", "A domain that it has verified."},
    {"Profile.given_name", "First name."},
    {"Profile.family_name", "Last name."},
    {"Profile.display_name", "Empty: first and last name."},
    {"Profile.nick_name", "Nick name."},
    {"Profile.preferred_language", "A language tag (BCP 47): de-CH."},
    {"Profile.gender", "Empty: not said.", R"(["","female","male","diverse"])"},
    {"Email.address", "name@domain."},
    {"Email.verified", "Absent: not known; kept as not verified, and said in the report."},
    {"Phone.number", "With + and the country's code."},
    {"Phone.verified", "Absent: not known; kept as not verified, and said in the report."},
    {"Password.hash", "In any form of docs/password-hashes.md."},
    {"Password.algorithm", "Of a hash that does not say what it is."},
    {"Password.parameters", "Of a hash that does not say what it is: salt, iterations ... as docs/password-hashes.md names them."},
    {"Password.plain", "The password itself; it is hashed before it is stored."},
    {"Password.change_required", "A new one is asked for at the next sign-in."},
    {"Totp.key", "Base32 of the key's bytes."},
    {"Totp.algorithm", "Empty: SHA1.", R"(["","SHA1","SHA256","SHA512"])"},
    {"Totp.digits", "0: 6.", "[0,6,7,8]"},
    {"Totp.period", "Seconds, at most 3600; 0: 30."},
    {"Totp.name", "What the person called it."},
    {"RecoveryCode.code", "The code itself."},
    {"RecoveryCode.hash", "Or its hash, in a form of docs/password-hashes.md."},
    {"Passkey.credential_id", "base64url."},
    {"Passkey.public_key", "base64url of the COSE_Key."},
    {"Passkey.sign_count", "The authenticator's counter when it was last seen."},
    {"Passkey.aaguid", "The make of the authenticator, a UUID."},
    {"Passkey.transports", "usb, nfc, ble, hybrid, internal ..."},
    {"Passkey.user_handle", "base64url of what the authenticator calls the person."},
    {"Passkey.rp_id", "The domain it is bound to. Empty: that of --rp-id."},
    {"Passkey.name", "What the person called it."},
    {"Passkey.kind", "passkey (or empty) signs in by itself, u2f is a second factor.", R"(["","passkey","u2f"])"},
    {"Passkey.backup_eligible", "It may be copied to other devices."},
    {"Passkey.backed_up", "It is."},
    {"IdpLink.idp", "Id or name of the provider here, or what --idp-map maps."},
    {"IdpLink.external_id", "The person's id there."},
    {"IdpLink.display_name", "The person's name there."},
    {"Grant.project", "Id or name."},
    {"Grant.granted_by", "Id or name of the organization whose project was granted to the user's. Empty: its own, or granted to it once."},
    {"Grant.roles", "Keys of roles."},
    {"Avatar.url", "An https:// address."},
    {"Avatar.data", "The picture itself; it becomes metadata migration.avatar."},
    {"Avatar.media_type", "Of data: image/png; it becomes metadata migration.avatar_type."},
    {"Consent.client_id", "The application, by its id there."},
    {"Consent.scopes", "What was allowed."},
    {"Consent.created_at", "When."},
    {"Machine.name", "What it is called."},
    {"Machine.description", "What it is for."},
    {"Machine.access_token_type", "Empty: bearer.", R"(["","bearer","jwt"])"},
    {"Machine.keys", "Public keys it signs its assertions with."},
    {"MachineKey.id", "What assertions name it by (kid). Empty: generated."},
    {"MachineKey.public_key", "PEM, or base64 of its DER (SubjectPublicKeyInfo)."},
    {"MachineKey.expires_at", "Absent: it does not end."},
};

}  // namespace

void annotate_member(const google::protobuf::FieldDescriptor& field, JsonObject& schema) {
    const std::string member = field.containing_type()->name() + "." + field.name();
    const auto* const note = std::ranges::find(kNotes, member, &Note::member);
    if (note == std::end(kNotes)) return;
    schema.set("description", note->description);
    if (!note->choice.empty()) schema.set_json("enum", std::string(note->choice));
}

}  // namespace godwit::migration
